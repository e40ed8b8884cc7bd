// What is asked of the server for quarantine and letters, each in one place.

import { BASE, get, post, put } from '../api/client.ts';
import type { Day, Letter, Letterhead, QuarantineSheet, Sent } from '../api/types.ts';

const at = (caseId: string) => `/cases/${caseId}/quarantine`;
const letters = (caseId: string) => `/cases/${caseId}/letters`;

export const readQuarantine = (caseId: string, signal?: AbortSignal) => get<QuarantineSheet>(at(caseId), {}, signal);

/** Sets the days, or takes them back where neither is named. `seen` is the newest decision that was shown. */
export const setQuarantine = (
  caseId: string,
  set: { first: Day | null; last: Day | null; why: string | null; seen: string | null },
) => put<void>(at(caseId), set);

export const answerProposal = (caseId: string, answer: 'accept' | 'dismiss', last: Day) =>
  post<void>(`${at(caseId)}/proposal`, { answer, last, why: null });

export const noteOrderSent = (caseId: string, sent: Sent) => put<void>(`${at(caseId)}/sent`, sent);

export const makeLetter = (caseId: string, letterId: string, kind: 'order' | 'release', language: string | null) =>
  post<Letter>(letters(caseId), { letter_id: letterId, kind, language });

export const noteLetterSent = (caseId: string, letterId: string, sent: Sent) =>
  put<void>(`${letters(caseId)}/${letterId}/sent`, sent);

/** Takes back a letter that nobody was sent. */
export const takeLetterBack = (letterId: string) => post<void>(`/messages/${letterId}/cancel`);

/** The address of a letter's PDF, for a tab of its own. */
export const pdfOf = (caseId: string, letterId: string) => `${BASE}${letters(caseId)}/${letterId}/pdf`;

export const readLetterhead = (signal?: AbortSignal) => get<Letterhead>('/letterhead', {}, signal);

export const changeLetterhead = (head: Letterhead) => put<Letterhead>('/letterhead', head);
