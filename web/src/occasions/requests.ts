// What is asked of the server for occasions, their visitors, and contact cases from these.

import { download, get, post } from '../api/client.ts';
import type { components } from '../api/schema.d.ts';
import type { FoundCases, Page } from '../api/types.ts';

type Schemas = components['schemas'];
export type Occasion = Schemas['Occasion'];
export type OccasionSheet = Schemas['OccasionSheet'];
export type VisitorPage = Schemas['VisitorPage'];
export type SeenVisitor = Schemas['SeenVisitor'];
export type VisitorFilter = Schemas['VisitorFilter'];
export type ContactStep = Schemas['ContactStep'];
export type NewOccasion = Schemas['NewOccasion'];

/** Visitors of one page. */
export const PAGE = 100;

export const EVERYBODY: VisitorFilter = {
  area: null,
  seat: null,
  text: null,
  near_from: null,
  near_until: null,
  near_min: null,
};

const at = (id: string) => `/occasions/${encodeURIComponent(id)}`;

export const readOccasions = (cursor: string | null, signal?: AbortSignal) =>
  get<Page<Occasion>>('/occasions', { cursor }, signal);
export const readOccasion = (id: string, signal?: AbortSignal) => get<OccasionSheet>(at(id), {}, signal);
export const makeOccasion = (occasion: NewOccasion) => post<OccasionSheet>('/occasions', occasion);
export const closeOccasion = (id: string) => post<OccasionSheet>(`${at(id)}/close`);
export const openList = (id: string, reason: string, note: string) =>
  post<VisitorPage>(`${at(id)}/lists`, { reason: reason || null, note: note || null });
export const readList = (id: string, listId: string, filter: VisitorFilter, offset: number) =>
  post<VisitorPage>(`${at(id)}/lists/${listId}/visitors`, { filter, offset, limit: PAGE });
export const listAsCsv = (id: string, listId: string, filter: VisitorFilter) =>
  download(`${at(id)}/lists/${listId}/csv`, filter);
export const makeContacts = (id: string, listId: string, wanted: Schemas['WantedContacts']) =>
  post<ContactStep>(`${at(id)}/lists/${listId}/contact-cases`, wanted);
export const readStep = (stepId: string, signal?: AbortSignal) =>
  get<ContactStep>(`/occasion-steps/${stepId}`, {}, signal);
export const findCases = (text: string) => post<FoundCases>('/cases/search', { text });

/** A code in two groups, as people read it out. */
export const inGroups = (code: string) => `${code.slice(0, 4)} ${code.slice(4)}`;
