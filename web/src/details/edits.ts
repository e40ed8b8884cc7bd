// What was typed into the details of a case and not yet saved, for as long as the page is open. Only in memory.

import { forgetWithSession } from '../shell/session.svelte.ts';
import type { Values } from './fields.ts';

export type Edits = {
  typed: Values;
  /** What was read when the typing began. */
  before: Record<string, string | null>;
};

const kept = new Map<string, Edits>();
forgetWithSession(() => kept.clear());

export const editsOf = (caseId: string): Edits => kept.get(caseId) ?? { typed: {}, before: {} };

export function keepEdits(caseId: string, edits: Edits) {
  if (Object.keys(edits.typed).length) kept.set(caseId, edits);
  else kept.delete(caseId);
}
