import { get, post } from '../api/client.ts';
import type { Bulk, BulkAction, BulkRow, InvitationPreview, Page } from '../api/types.ts';

export type BulkOutcome = BulkRow['outcome'];

/** Which cases: by their ids, or all that a list has. */
export type ChosenCases = { cases: string[]; matching: null } | { cases: null; matching: Record<string, unknown> };

export const startBulk = (bulkId: string, action: BulkAction, chosen: ChosenCases, text: string | null) =>
  post<Bulk>('/bulk-actions', { bulk_id: bulkId, action, ...chosen, text });
export const previewInvitations = (again: boolean, chosen: ChosenCases) =>
  post<InvitationPreview>('/invitation-previews', { again, ...chosen });
export const readBulk = (id: string, signal?: AbortSignal) => get<Bulk>(`/bulk-actions/${id}`, {}, signal);
export const listBulk = (cursor: string | null, signal?: AbortSignal) =>
  get<Page<Bulk>>('/bulk-actions', { cursor }, signal);
export const readRows = (id: string, outcome: BulkOutcome | null, cursor: string | null, signal?: AbortSignal) =>
  get<Page<BulkRow>>(`/bulk-actions/${id}/rows`, { outcome, cursor, limit: 100 }, signal);
export const undoBulk = (id: string) => post<Bulk>(`/bulk-actions/${id}/undo`, {});
