// Which cases can still be changed.

import type { CaseStatus, CaseWork } from '../api/types.ts';

const READ_ONLY: CaseStatus[] = ['handed_over', 'anonymised'];

/** Says whether anything of a case can change: not once another authority has it, or nothing names anybody any more. */
export function takesChanges(work: CaseWork | null): boolean {
  return work !== null && !READ_ONLY.includes(work.standing.status);
}
