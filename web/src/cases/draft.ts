// A case that is being taken down, for as long as the page is open: a session that ends in the middle loses nothing, and
// the ids stay, so that sending it twice opens one case. Only in memory, since it is about somebody.

import type { Values } from '../details/fields.ts';
import { forgetWithSession } from '../shell/session.svelte.ts';
import { newId } from '../work/uuid.ts';

export type Draft = { case_id: string; person_id: string; disease: string; values: Values };

const fresh = (): Draft => ({ case_id: newId(), person_id: newId(), disease: '', values: { case_type: 'index' } });

let kept: Draft | null = null;
forgetWithSession(() => {
  kept = null;
});

/** Returns the case that is being taken down, or begins one. */
export function draft(): Draft {
  kept ??= fresh();
  return kept;
}

export function keepDraft(now: Draft) {
  kept = now;
}

export function endDraft() {
  kept = null;
}
