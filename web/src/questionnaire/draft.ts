// Answers that are being taken down, for as long as the page is open: a call that breaks off loses nothing. Only in
// memory.

import type { Answers } from '../api/types.ts';
import { forgetWithSession } from '../shell/session.svelte.ts';

const kept = new Map<string, Answers>();
forgetWithSession(() => kept.clear());

export const draftOf = (caseId: string): Answers | null => kept.get(caseId) ?? null;

export function keepDraft(caseId: string, answers: Answers | null) {
  if (answers) kept.set(caseId, answers);
  else kept.delete(caseId);
}

export const isSame = (a: Answers, b: Answers): boolean => JSON.stringify(a) === JSON.stringify(b);
