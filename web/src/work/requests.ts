// What is asked of the server for the work on a case, each in one place.

import { get, patch, post, put } from '../api/client.ts';
import type {
  AfterTest,
  CallOutcome,
  CaseStanding,
  CaseStatus,
  CaseWork,
  Conclusion,
  Day,
  Instant,
  ResolvedItems,
} from '../api/types.ts';

const at = (caseId: string) => `/cases/${caseId}`;

export const readWork = (caseId: string, signal?: AbortSignal) => get<CaseWork>(`${at(caseId)}/work`, {}, signal);

export const noteCall = (
  caseId: string,
  call: { call_id: string; outcome: CallOutcome; call_back_at: Instant | null; note: string | null },
) => post<CaseWork>(`${at(caseId)}/calls`, { ...call, called_at: null });

export const writeComment = (caseId: string, commentId: string, text: string) =>
  post<void>(`${at(caseId)}/comments`, { comment_id: commentId, text });

/** Resolves items; all that can be by hand where none is named. */
export const resolveItems = (caseId: string, items: string[], text: string | null) =>
  post<ResolvedItems>(`${at(caseId)}/items/resolve`, { items, text });

export const reopenItems = (caseId: string, items: string[]) => post<void>(`${at(caseId)}/items/reopen`, { items });

/** Hides an item until then; null shows it again. */
export const snoozeItem = (caseId: string, itemId: string, until: Instant | null) =>
  put<void>(`${at(caseId)}/items/${itemId}/snooze`, { until });

export const assignCase = (caseId: string, accountId: string | null) =>
  put<CaseStanding>(`${at(caseId)}/assignment`, { account_id: accountId });

export const changeStatus = (
  caseId: string,
  change: { status: CaseStatus; conclusion: Conclusion | null; text: string | null },
) => post<CaseStanding>(`${at(caseId)}/status`, change);

export const notePositiveTest = (caseId: string, testedOn: Day, newCaseId: string) =>
  post<AfterTest>(`${at(caseId)}/positive-test`, { tested_on: testedOn, new_case_id: newCaseId });

export const changeDetails = (caseId: string, changes: Record<string, string | null>, seen: string | null) =>
  patch<CaseStanding>(at(caseId), { changes, seen });
