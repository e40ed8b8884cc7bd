import { describe, expect, test } from 'vitest';
import { placeOf } from './address.ts';
import { Pace } from './pace.ts';
import { fieldsOf } from './sending.ts';
import {
  admitted,
  codeOf,
  isOver,
  isThere,
  isWaiting,
  mintVisitId,
  movedBy,
  newStay,
  type Stay,
  secretOf,
} from './stays.ts';

const ARRIVED = Date.parse('2026-11-24T13:05:00Z');
const PLACE = { authority: 'MA', venue_id: '7K3M9QX2AB', area_id: null, venue: 'Café Rosa', area: null };
const MIA = { name: 'Mia', phone: '0621 123456', email: '', address: null };
const stay = (leaves: number | null = null, household = 0): Stay =>
  newStay({ people: [MIA, { ...MIA, name: 'Ali' }], household }, PLACE, {
    arrived: ARRIVED,
    leaves,
    zone: 'Europe/Berlin',
    clock_ms: 0,
  });

describe('what the phone mints', () => {
  test('is a UUID of version 7 that says when', () => {
    const id = mintVisitId(ARRIVED, new Uint8Array(16).fill(255));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7fff-bfff-ffffffffffff$/);
    expect(Number.parseInt(id.slice(0, 13).replace('-', ''), 16)).toBe(ARRIVED);
  });
  test('is spoken of at the door by four characters, the same as there', () => {
    expect(codeOf('01980000-0000-7000-8000-0000000abcde')).toBe('NF6Y');
    expect(codeOf(mintVisitId(ARRIVED, new Uint8Array(16).fill(255)))).toBe('ZZZZ');
  });
  test('and a secret of 128 bits in 22 characters', () => {
    expect(secretOf(new Uint8Array(16).fill(255))).toBe('_____________________w');
    expect(secretOf(new Uint8Array(16))).toBe('A'.repeat(22));
  });
});

test('each member is an entry of their own, the household a count with the guest', () => {
  const party = stay(null, 2);
  expect(party.entries?.map(({ name, household }) => [name, household])).toEqual([
    ['Mia', 2],
    ['Ali', 0],
  ]);
  expect(party.n_people).toBe(4);
  expect(new Set(party.proofs.map(({ secret }) => secret)).size).toBe(2);
});

test('what has arrived leaves no name on the phone', () => {
  const sent = admitted(stay(), {
    visits: [
      {
        visit_id: 'other',
        arrived_at: '2026-11-24T13:05:00Z',
        leaves_at: '2026-11-24T22:00:00Z',
        deleted_on: '2026-12-09',
        marks: ['late'],
      },
    ],
    venue: { name: 'Rosa', area: null },
  });
  expect(JSON.stringify(sent)).not.toContain('Mia');
  expect(sent).toMatchObject({ ends_at: '2026-11-24T22:00:00Z', deleted_on: '2026-12-09', marks: ['late'] });
  expect(sent.place.venue).toBe('Rosa');
  expect(isWaiting(sent)).toBe(false);
});

test('nobody stays longer than a day, nor beyond their end', () => {
  expect(isThere(stay(), ARRIVED + 86_399_000)).toBe(true);
  expect(isThere(stay(), ARRIVED + 86_400_000)).toBe(false);
  expect(isThere(stay(ARRIVED + 3_600_000), ARRIVED + 3_600_000)).toBe(false);
});

test('a visit is over when its day of deletion begins where it was', () => {
  expect(stay().deleted_on).toBe('2026-12-09');
  expect(isOver(stay(), Date.parse('2026-12-08T22:59:00Z'))).toBe(false);
  expect(isOver(stay(), Date.parse('2026-12-08T23:00:00Z'))).toBe(true);
});

test('an arrival is moved by what the clock was wrong, under the same id', () => {
  const before = stay();
  const moved = movedBy(before, -3_600_000);
  expect(moved.entries?.[1]?.arrived_at).toBe('2026-11-24T12:05:00.000Z');
  expect([moved.stay_id, moved.clock_ms]).toEqual([before.stay_id, -3_600_000]);
});

test('it is tried again after 2, 4, 8 … 60 seconds, and not before the server wants it', () => {
  const pace = new Pace();
  expect(Array.from({ length: 7 }, () => pace.failed(null, 0, 0))).toEqual([
    2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
  ]);
  expect(pace.mayTry(0)).toBe(true);
  expect(pace.failed(90_000, 1_000, 0)).toBe(90_000);
  expect(pace.mayTry(90_999)).toBe(false);
  expect(pace.mayTry(91_000)).toBe(true);
  pace.went();
  expect(pace.failed(null, 0, 1)).toBe(2_500);
});

test('an address says where, and the words behind the # how it is called', () => {
  const area = '#name=Caf%C3%A9%20A%26B&area=S%C3%BCd%3D1';
  expect(placeOf('/g/ma/7k3m9qx2ab/0000000001', area)).toEqual({
    authority: 'MA',
    venue_id: '7K3M9QX2AB',
    area_id: '0000000001',
    venue: 'Café A&B',
    area: 'Süd=1',
  });
  expect(placeOf('/g/MA/7K3M9QX2AB', '')).toMatchObject({ area_id: null, venue: '', area: null });
  for (const none of ['/g/', '/g/MA', '/g/M4/7K3M9QX2AB', '/g/MA/short', '/ga/MA/7K3M9QX2AB']) {
    expect(placeOf(none, ''), none).toBeNull();
  }
});

test('the fields that a server finds wrong are those of the form', () => {
  const errors = [{ field: 'visits.0.name' }, { field: 'visits[1].address.city' }, { field: 'area_id' }];
  expect(fieldsOf({ errors })).toEqual(['0.name', '1.address.city', 'area_id']);
  expect(fieldsOf(null)).toEqual([]);
});
