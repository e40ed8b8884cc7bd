// A stay as this phone knows it: those who came together, from when until when, and what is still to be told to the server.

import type { Place } from './address.ts';
import type { Address, CheckedIn, CheckIn } from './bodies.ts';
import { DAY_MS, dayAt, deletedOn } from './days.ts';

/** Why the server did not take a check-in. It has stored nothing then. */
export type Refusal = { status: number; fields: string[] };

export type Stay = {
  /** Id of the guest's own visit. */
  stay_id: string;
  place: Place;
  /** Of the authority; null where the phone never heard of it. */
  time_zone: string | null;
  arrived_at: string;
  /** The end as it stands; null for "until it closes", while nobody said when that is. */
  ends_at: string | null;
  left_at: string | null;
  n_people: number;
  /** Of all visits, the guest's own first. */
  proofs: { visit_id: string; secret: string }[];
  /** What is still to be sent. Gone once it has arrived: the phone then keeps no name. */
  entries: CheckIn[] | null;
  /** Whether it may have arrived: from then on it is not changed any more. */
  tried: boolean;
  refused: Refusal | null;
  /** An end that is still to be told. */
  to_check_out: string | null;
  to_delete: boolean;
  deleted_on: string;
  marks: string[];
  /** How far the phone's clock was corrected when the arrival was fixed, in milliseconds. */
  clock_ms: number;
};

export type Person = { name: string; phone: string; email: string; address: Address | null };
export type Party = {
  /** The guest, then the others who have an entry of their own. */
  people: Person[];
  /** How many more of the guest's household came along. */
  household: number;
};

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => (byte < 16 ? '0' : '') + byte.toString(16)).join('');

const CODE_LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Returns the four characters by which the staff at the door know a visit: its last 20 bits. They name nobody. */
export function codeOf(visitId: string): string {
  const bits = Number.parseInt(visitId.slice(-5), 16);
  return [15, 10, 5, 0].map((at) => CODE_LETTERS[(bits >> at) & 31]).join('');
}

/** Makes a UUID of version 7. */
export function mintVisitId(at: number, random: Uint8Array): string {
  const bytes = new Uint8Array(16);
  bytes.set(random.subarray(0, 16));
  for (let i = 0, rest = at; i < 6; i += 1, rest = Math.floor(rest / 256)) bytes[5 - i] = rest % 256;
  bytes[6] = 0x70 | ((bytes[6] as number) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] as number) & 0x3f);
  const text = hex(bytes);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}

/** Writes 128 bits as 22 characters of base64url. */
export function secretOf(random: Uint8Array): string {
  const text = btoa(String.fromCharCode(...random));
  return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

const randomBytes = () => crypto.getRandomValues(new Uint8Array(16));

/** Makes a stay of those who arrive now. */
export function newStay(
  party: Party,
  place: Place,
  at: { arrived: number; leaves: number | null; zone: string | null; clock_ms: number },
): Stay {
  const arrivedAt = new Date(at.arrived).toISOString();
  const leavesAt = at.leaves === null ? null : new Date(at.leaves).toISOString();
  const entries = party.people.map(
    (person, i): CheckIn => ({
      visit_id: mintVisitId(at.arrived, randomBytes()),
      secret: secretOf(randomBytes()),
      arrived_at: arrivedAt,
      leaves_at: leavesAt,
      name: person.name,
      phone: person.phone || null,
      email: person.email || null,
      address: person.address,
      household: i === 0 ? party.household : 0,
    }),
  );
  return {
    stay_id: (entries[0] as CheckIn).visit_id,
    place,
    time_zone: at.zone,
    arrived_at: arrivedAt,
    ends_at: leavesAt,
    left_at: null,
    n_people: entries.length + party.household,
    proofs: entries.map(({ visit_id, secret }) => ({ visit_id, secret })),
    entries,
    tried: false,
    refused: null,
    to_check_out: null,
    to_delete: false,
    deleted_on: deletedOn(at.arrived, at.zone),
    marks: [],
    clock_ms: at.clock_ms,
  };
}

/** Whether the list of the venue has it, as far as this phone knows. */
export const isSent = (stay: Stay) => stay.entries === null;

/** Whether something is still to be told to the server. */
export const isWaiting = (stay: Stay) =>
  stay.to_delete || (!stay.refused && (!isSent(stay) || stay.to_check_out !== null));

/** Whether the guest is there, as far as anybody said. Nobody stays longer than a day. */
export function isThere(stay: Stay, now: number): boolean {
  const end = Math.min(
    stay.ends_at ? Date.parse(stay.ends_at) : Number.POSITIVE_INFINITY,
    Date.parse(stay.arrived_at) + DAY_MS,
  );
  return stay.left_at === null && !stay.to_delete && now < end;
}

/** Whether its day of deletion has come. */
export const isOver = (stay: Stay, now: number) => dayAt(now, stay.time_zone) >= stay.deleted_on;

/** Returns a stay that has arrived, as the server put it down; what names people leaves the phone. */
export function admitted(stay: Stay, answer: CheckedIn): Stay {
  const own = answer.visits.find(({ visit_id }) => visit_id === stay.stay_id) ?? answer.visits[0];
  const { name, area } = answer.venue;
  return {
    ...stay,
    entries: null,
    refused: null,
    place: { ...stay.place, venue: name || stay.place.venue, area: area ?? stay.place.area },
    // An end that is still to be told is newer than the answer.
    ends_at: stay.to_check_out ?? own?.leaves_at ?? stay.ends_at,
    deleted_on: own?.deleted_on ?? stay.deleted_on,
    marks: own?.marks ?? [],
  };
}

/** Returns a stay whose arrival is moved by what the clock was found to be wrong. Only one that was refused may be moved. */
export function movedBy(stay: Stay, ms: number): Stay {
  const move = (at: string) => new Date(Date.parse(at) + ms).toISOString();
  return {
    ...stay,
    arrived_at: move(stay.arrived_at),
    deleted_on: deletedOn(Date.parse(stay.arrived_at) + ms, stay.time_zone),
    entries: stay.entries?.map((entry) => ({ ...entry, arrived_at: move(entry.arrived_at) })) ?? null,
    clock_ms: stay.clock_ms + ms,
    tried: false,
  };
}

export const proofsOf = (stay: Stay) => stay.proofs.map((proof) => ({ ...proof, arrived_at: stay.arrived_at }));
