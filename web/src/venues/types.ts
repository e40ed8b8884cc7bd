// The shapes that venues send and get, by the names of the API's description.

import type { components } from '../api/schema.d.ts';

type Schemas = components['schemas'];
export type Session = Schemas['Session'];
export type RequestsToVenue = Schemas['RequestsToVenue'];
export type OwnVenues = Schemas['OwnVenues'];
export type OwnVenue = Schemas['OwnVenue'];
export type Venue = Schemas['Venue'];
export type VenueAddress = Schemas['VenueAddress'];
export type OpenSpan = Schemas['OpenSpan'];
export type ChangedVenue = Schemas['ChangedVenue'];
export type VenueStaff = Schemas['VenueStaff'];
export type GuestList = Schemas['GuestList'];
export type OwnGuestLists = Schemas['OwnGuestLists'];
export type Occupancy = Schemas['Occupancy'];
export type TakenVenueLink = Schemas['TakenVenueLink'];

export const KINDS = [
  'restaurant',
  'cafe',
  'bar',
  'hotel',
  'culture',
  'sport',
  'body_care',
  'shop',
  'worship',
  'other',
] as const;
export const ROLES = ['owner', 'list_maker', 'door'] as const;
export const REASONS = ['infection_reported', 'asked_by_authority', 'own_outbreak', 'other'] as const;
