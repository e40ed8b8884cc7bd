// What is asked of the server for stays, guest lists, and the guests on them.

import { get, post, put, remove } from '../api/client.ts';
import type { components } from '../api/schema.d.ts';

type Schemas = components['schemas'];
export type Stays = Schemas['Stays'];
export type Stay = Schemas['Stay'];
export type StayVenue = Schemas['StayVenue'];
export type ListRequests = Schemas['ListRequests'];
export type ReleasedGuests = Schemas['ReleasedGuests'];
export type ReleasedGuest = Schemas['ReleasedGuest'];
export type NewStay = Schemas['NewStay'];
export type ChosenGuest = Schemas['ChosenGuest'];
export type RequestElsewhere = Schemas['RequestElsewhere'];
export type RequestsElsewhere = Schemas['RequestsElsewhere'];
export type RequestFromOther = Schemas['RequestFromOther'];
export type RequestsFromOthers = Schemas['RequestsFromOthers'];
type Found = { items: { venue_id: string; name: string; address: { city: string } }[] };

const at = (caseId: string) => `/cases/${caseId}`;

/** From when until when, as instants. */
export type Time = { from: string; until: string };
export type All = { stays: Stays; requests: ListRequests; elsewhere: RequestsElsewhere; guests: ReleasedGuests };

/** Reads all that stands in the section. */
export async function readAll(caseId: string, signal?: AbortSignal): Promise<All> {
  const [stays, requests, elsewhere, guests] = await Promise.all([
    get<Stays>(`${at(caseId)}/stays`, {}, signal),
    get<ListRequests>(`${at(caseId)}/list-requests`, {}, signal),
    get<RequestsElsewhere>(`${at(caseId)}/requests-elsewhere`, {}, signal),
    get<ReleasedGuests>(`${at(caseId)}/guests`, {}, signal),
  ]);
  return { stays, requests, elsewhere, guests };
}

export const searchVenues = (text: string) => post<Found>('/venues/search', { text, cursor: null });
export const readVenue = (venueId: string) =>
  get<Found['items'][number] & { areas: { area_id: string; name: string }[] }>(
    `/venues/${encodeURIComponent(venueId)}`,
  );
export const noteStay = (caseId: string, stay: NewStay) => post<Stays>(`${at(caseId)}/stays`, stay);
export const changeStay = (caseId: string, stayId: string, stay: Schemas['ChangedStay']) =>
  put<Stays>(`${at(caseId)}/stays/${stayId}`, stay);
export const deleteStay = (caseId: string, stayId: string) => remove(`${at(caseId)}/stays/${stayId}`);
export const makeCode = (caseId: string) => post<Schemas['NewShareCode']>(`${at(caseId)}/share-code`);
/** Asks for the list; without a time, of the stay until the room is safe. */
export const askList = (caseId: string, stayId: string, requestId: string, time: Time | null = null) =>
  post<ListRequests>(`${at(caseId)}/list-requests`, {
    request_id: requestId,
    stay_id: stayId,
    from: time?.from ?? null,
    until: time?.until ?? null,
  });
export const withdrawList = (caseId: string, requestId: string) =>
  post<ListRequests>(`${at(caseId)}/list-requests/${requestId}/withdraw`);
export const makeContactCases = (caseId: string, guests: ChosenGuest[]) =>
  post<Schemas['GuestCases']>(`${at(caseId)}/guests/contact-cases`, { guests });

export const askElsewhere = (caseId: string, request: Schemas['NewRequestElsewhere']) =>
  post<RequestsElsewhere>(`${at(caseId)}/requests-elsewhere`, request);
export const withdrawElsewhere = (caseId: string, requestId: string) =>
  post<RequestsElsewhere>(`${at(caseId)}/requests-elsewhere/${requestId}/withdraw`);

export const readFromOthers = (signal?: AbortSignal) => get<RequestsFromOthers>('/requests-from-others', {}, signal);
export const passOn = (requestId: string, venueId: string) =>
  post<RequestsFromOthers>(`/requests-from-others/${requestId}/pass-on`, { venue_id: venueId });
export const declineRequest = (requestId: string, because: string, text: string | null) =>
  post<RequestsFromOthers>(`/requests-from-others/${requestId}/decline`, { because, text });
