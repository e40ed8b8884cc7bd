// The numbers of the day, put together from how many cases there are of each kind.

import type { CaseStatus, CaseTally } from '../api/types.ts';

export type Pair = { index: number; contacts: number };

const ENDED: string[] = ['concluded', 'handed_over', 'anonymised'];
const ORDER: CaseStatus[] = [
  'open',
  'in_registration',
  'registered',
  'tracking',
  'tracked_manually',
  'external',
  'concluded',
  'handed_over',
  'anonymised',
];

function pair(cases: CaseTally[]): Pair {
  const n = (isIndex: boolean) =>
    cases.filter((one) => (one.case_type === 'index') === isIndex).reduce((sum, one) => sum + one.n, 0);
  return { index: n(true), contacts: n(false) };
}

/** Returns how many cases are not over. */
export const atWork = (cases: CaseTally[]): Pair => pair(cases.filter((one) => !ENDED.includes(one.status)));

/** Returns how many cases stand where, in the order of a case's life; only where there are any. */
export const byStatus = (cases: CaseTally[]): (Pair & { status: CaseStatus })[] =>
  ORDER.map((status) => ({ status, ...pair(cases.filter((one) => one.status === status)) })).filter(
    (line) => line.index + line.contacts > 0,
  );
