// The venues of the authority, as its staff see them.

import { get, post } from '../api/client.ts';
import type { components } from '../api/schema.d.ts';
import type { Page } from '../api/types.ts';

export type VenueInList = components['schemas']['VenueInList'];
export type Venue = components['schemas']['Venue'];

export const searchVenues = (text: string, cursor: string | null, signal?: AbortSignal) =>
  post<Page<VenueInList>>('/venues/search', { text, cursor }, signal);

export const readVenue = (venueId: string, signal?: AbortSignal) =>
  get<Venue>(`/venues/${encodeURIComponent(venueId)}`, {}, signal);

export const onOneLine = ({ street, house_number, postcode, city }: VenueInList['address']) =>
  `${street} ${house_number}, ${postcode} ${city}`;
