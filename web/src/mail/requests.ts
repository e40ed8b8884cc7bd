// What is asked of the server for mails and letters on their way, each in one place.

import { get, post } from '../api/client.ts';
import type { MessageCounts, MessageInFull, MessageOnList, Page } from '../api/types.ts';

export type MessageFilter = { status?: string; kind?: string; case_id?: string };

export const readMessages = (filter: MessageFilter, cursor: string | null, signal?: AbortSignal) =>
  get<Page<MessageOnList>>('/messages', { ...filter, cursor }, signal);

export const countMessages = (signal?: AbortSignal) => get<MessageCounts>('/messages/counts', {}, signal);

export const readMessage = (id: string, signal?: AbortSignal) => get<MessageInFull>(`/messages/${id}`, {}, signal);

export const cancelMessage = (id: string) => post<void>(`/messages/${id}/cancel`);

export const retryMessage = (id: string) => post<void>(`/messages/${id}/retry`);
