// What is asked of the server for handing cases over, each in one place.

import { get, post } from '../api/client.ts';
import type { AskedBecause, HandOver, HandOversOfCase, OpenHandOvers, Page, RefusedBecause } from '../api/types.ts';

export const readHandOversOfCase = (caseId: string, signal?: AbortSignal) =>
  get<HandOversOfCase>(`/cases/${caseId}/hand-overs`, {}, signal);

export const askHandOver = (caseId: string, handOverId: string, to: string, because: AskedBecause) =>
  post<HandOver>(`/cases/${caseId}/hand-overs`, { hand_over_id: handOverId, to, because });

export const readOpenHandOvers = (signal?: AbortSignal) => get<OpenHandOvers>('/hand-overs/open', {}, signal);

export const listHandOvers = (cursor: string | null, signal?: AbortSignal) =>
  get<Page<HandOver>>('/hand-overs', { cursor }, signal);

export const acceptHandOver = (id: string) => post<HandOver>(`/hand-overs/${id}/accept`);

export const refuseHandOver = (id: string, because: RefusedBecause, text: string | null) =>
  post<HandOver>(`/hand-overs/${id}/refuse`, { because, text });

export const withdrawHandOver = (id: string) => post<HandOver>(`/hand-overs/${id}/withdraw`);
