// Something a view reads from the server, with the states that a reader can see: waiting, there, failed,
// and stale, which means that what was read is still shown while the connection comes back.

import { pictureOf } from './client.ts';
import { asProblem, type Problem } from './problem.ts';

const RETRY_MS = [3_000, 6_000, 12_000, 30_000];
/** What is behind is read again so soon. */
const BEHIND_MS = 5_000;
/** Coming back to the page after so long reads again. */
const OLD_MS = 5 * 60_000;

export class Resource<T> {
  data = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(false);
  asOf = $state.raw<Date | null>(null);
  /** As of when it was when it was read, where the server had no newer picture; else null. */
  picture = $state.raw<Date | null>(null);
  /** What is shown may no longer be true: the last attempt to read it failed. */
  readonly stale = $derived<boolean>(this.data !== null && this.problem?.passes === true);

  #load: ((signal: AbortSignal) => Promise<T>) | null = null;
  #stop: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;

  /** Reads from another place. What was read before goes away, unless `keep` says that it is the same thing. */
  from(load: ((signal: AbortSignal) => Promise<T>) | null, keep: boolean) {
    this.#load = load;
    if (!keep) {
      this.data = null;
      this.problem = null;
    }
    this.#attempt = 0;
    void this.reload();
  }

  reload = async () => {
    clearTimeout(this.#timer);
    this.#stop?.abort();
    const load = this.#load;
    if (!load) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.loading = true;
    try {
      const data = await load(stop.signal);
      if (stop.signal.aborted) return;
      this.data = data;
      this.problem = null;
      this.picture = pictureOf(stop.signal);
      this.asOf = this.picture ?? new Date();
      this.#attempt = 0;
      if (this.picture) this.#timer = setTimeout(this.reload, BEHIND_MS);
    } catch (error) {
      if (stop.signal.aborted) return;
      this.problem = asProblem(error);
      this.#retryLater();
    } finally {
      if (this.#stop === stop) this.loading = false;
    }
  };

  /** Puts in what another request has already answered. */
  set(data: T) {
    this.#stop?.abort();
    this.data = data;
    this.problem = null;
    this.loading = false;
    this.picture = null;
    this.asOf = new Date();
  }

  #retryLater() {
    if (!this.problem?.passes) return;
    const wait = RETRY_MS[Math.min(this.#attempt, RETRY_MS.length - 1)] ?? 30_000;
    this.#attempt += 1;
    this.#timer = setTimeout(this.reload, Math.max(wait, (this.problem.retryAfterS ?? 0) * 1000));
  }

  comesBack = () => {
    if (document.visibilityState !== 'visible') return;
    const old = this.asOf !== null && Date.now() - this.asOf.getTime() > OLD_MS;
    if (this.problem?.passes || old) void this.reload();
  };

  end() {
    clearTimeout(this.#timer);
    this.#stop?.abort();
  }
}

/**
 * Returns a resource that reads anew whenever what `load` depends on changes. `load` returns null where
 * there is nothing to read yet. Call while a component is being set up.
 */
export function resource<T>(
  load: () => ((signal: AbortSignal) => Promise<T>) | null,
  { keep = false }: { keep?: boolean } = {},
): Resource<T> {
  const it = new Resource<T>();
  $effect(() => {
    const now = load();
    // `from` writes state that this effect must not depend on.
    queueMicrotask(() => it.from(now, keep));
  });
  $effect(() => {
    window.addEventListener('online', it.comesBack);
    document.addEventListener('visibilitychange', it.comesBack);
    return () => {
      window.removeEventListener('online', it.comesBack);
      document.removeEventListener('visibilitychange', it.comesBack);
      it.end();
    };
  });
  return it;
}
