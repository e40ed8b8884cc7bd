// When to try again: sooner at first, then more rarely; never before the server wants to hear of us.

const FIRST_MS = 2_000;
const LONGEST_MS = 60_000;

export class Pace {
  #failed = 0;
  #notBefore = 0;

  /** A try went well. */
  went() {
    this.#failed = 0;
    this.#notBefore = 0;
  }

  /** A try came to nothing. Returns the milliseconds until the next; up to a quarter more, so that not all come at once. */
  failed(waitMs: number | null, now: number, random: number): number {
    const step = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failed);
    this.#failed += 1;
    if (waitMs !== null) this.#notBefore = now + waitMs;
    return Math.max(waitMs ?? 0, step) * (1 + random / 4);
  }

  /** Whether an event, such as a signal that is back, may try at once. */
  mayTry(now: number): boolean {
    return now >= this.#notBefore;
  }
}
