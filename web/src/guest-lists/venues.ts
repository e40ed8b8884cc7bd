// The venues of the authority, as its staff see them.

import { get, post, put } from '../api/client.ts';
import type { components } from '../api/schema.d.ts';
import type { Page } from '../api/types.ts';

export type VenueInList = components['schemas']['VenueInList'];
export type Venue = components['schemas']['Venue'];
export type ListOpening = components['schemas']['GuestListOpening'];
export type ListSetting = components['schemas']['GuestListSetting'];

export const searchVenues = (text: string, cursor: string | null, signal?: AbortSignal) =>
  post<Page<VenueInList>>('/venues/search', { text, cursor }, signal);

export const readVenue = (venueId: string, signal?: AbortSignal) =>
  get<Venue>(`/venues/${encodeURIComponent(venueId)}`, {}, signal);

export const onOneLine = ({ street, house_number, postcode, city }: VenueInList['address']) =>
  `${street} ${house_number}, ${postcode} ${city}`;

export const readOpenings = (venueId: string, cursor: string | null, signal?: AbortSignal) =>
  get<Page<ListOpening>>(`/venues/${encodeURIComponent(venueId)}/guest-lists`, { cursor }, signal);

export const readSetting = (signal?: AbortSignal) => get<ListSetting>('/guest-list-setting', {}, signal);
export const changeSetting = (setting: ListSetting) => put<ListSetting>('/guest-list-setting', setting);
