// What was put right in refused rows but not sent yet, kept while the page is open: a session that ends in the
// middle of it, or a look at another view, loses nothing. Only in memory, since rows hold names.

import { forgetWithSession } from '../shell/session.svelte.ts';

/** The cells of each row that was changed, by the number of the row. */
export type Edits = Record<number, string[]>;

const kept = new Map<string, Edits>();
forgetWithSession(() => kept.clear());

export function editsOf(importId: string): Edits {
  return kept.get(importId) ?? {};
}

export function keepEdits(importId: string, edits: Edits) {
  if (Object.keys(edits).length) kept.set(importId, edits);
  else kept.delete(importId);
}
