// What a text looks like while it is written: asked for when the typing pauses, the newest answer wins.

import { asProblem, type Problem } from '../api/problem.ts';

const PAUSE_MS = 400;

export class Preview<Draft, Seen> {
  seen = $state.raw<Seen | null>(null);
  problem = $state.raw<Problem | null>(null);
  #ask: (draft: Draft, signal: AbortSignal) => Promise<Seen>;
  #stop: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: (draft: Draft, signal: AbortSignal) => Promise<Seen>) {
    this.#ask = ask;
  }

  /** Asks what a draft looks like, after a pause. */
  of(draft: Draft, pauseMs = PAUSE_MS) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#now(draft), pauseMs);
  }

  async #now(draft: Draft) {
    this.#stop?.abort();
    const stop = new AbortController();
    this.#stop = stop;
    try {
      const seen = await this.#ask(draft, stop.signal);
      if (stop.signal.aborted) return;
      this.seen = seen;
      this.problem = null;
    } catch (error) {
      if (!stop.signal.aborted) this.problem = asProblem(error);
    }
  }

  end() {
    clearTimeout(this.#timer);
    this.#stop?.abort();
  }
}
