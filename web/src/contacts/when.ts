import type { CaseStatus } from '../api/types.ts';

const OVER: CaseStatus[] = ['concluded', 'handed_over', 'anonymised'];

/** Returns whether contacts can be named in a case that stands so. */
export const takesContacts = (status: CaseStatus | undefined) => status !== undefined && !OVER.includes(status);
