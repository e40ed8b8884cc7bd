// A change to many cases in words.

import type { Bulk, Conclusion, Job } from '../api/types.ts';
import { t } from '../words/words.svelte.ts';

/** Returns what is done, such as "12 cases to Kim". */
export function whatOf(bulk: Bulk): string {
  const { action } = bulk;
  const word = action.kind === 'conclude' ? t().work.conclusions[action.conclusion as Conclusion] : bulk.assignee;
  return t().bulk.what(action.kind, word, bulk.n_cases);
}

export type BulkState = 'waiting' | 'running' | 'undoing' | 'done' | 'undone' | 'failed' | 'cancelled';

/** Returns how far it is, as its job says. A job that is gone was done. */
export function stateOf(bulk: Bulk, followed: Job | null): BulkState {
  const job = followed?.job_id === bulk.job?.job_id ? (followed ?? bulk.job) : bulk.job;
  const state = job?.state ?? 'done';
  if (state === 'running') return bulk.undoing ? 'undoing' : 'running';
  if (state === 'done') return bulk.undoing ? 'undone' : 'done';
  return state;
}
