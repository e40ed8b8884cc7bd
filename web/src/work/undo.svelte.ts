// What was just done, for ten seconds: with a way back, where there is one.

import { forgetWithSession } from '../shell/session.svelte.ts';

const SECONDS = 10;

export type Done = {
  text: string;
  /** Takes it back; null where nothing can. */
  undo: (() => Promise<void>) | null;
  /** The case that it was done to, for a comment. */
  caseId: string | null;
};

class Undo {
  done = $state.raw<Done | null>(null);
  left = $state(0);
  #timer: ReturnType<typeof setInterval> | undefined;

  tell(done: Done) {
    this.clear();
    this.done = done;
    this.left = SECONDS;
    this.#timer = setInterval(() => {
      this.left -= 1;
      if (this.left <= 0) this.clear();
    }, 1_000);
  }

  /** Says that it stays until it is put away: somebody is writing about it. */
  hold() {
    clearInterval(this.#timer);
  }

  clear() {
    clearInterval(this.#timer);
    this.done = null;
    this.left = 0;
  }
}

export const undo = new Undo();
forgetWithSession(() => undo.clear());
