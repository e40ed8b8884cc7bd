import { expect, test } from 'vitest';
import { type Entry, pairsOf, shownOf } from './guests.ts';

const guest = (name: string, double: number | null, phone: string | null = null): Entry => ({
  visit_id: name,
  arrived_at: '2026-03-01T19:00:00Z',
  leaves_at: '2026-03-01T20:00:00Z',
  checked_out: false,
  may_have_left_from: null,
  area: 'Terrace',
  name,
  phone,
  email: null,
  address: null,
  household: 0,
  marks: [],
  double,
});
const all = [
  guest('Ada Öztürk', 1, '0621 1'),
  guest('Ben', null),
  guest('A. Öztürk', 1),
  guest('Cem', 2),
  guest('CEM', 2),
];
const names = (entries: Entry[]) => entries.map(({ name }) => name);

test('a guest is found by all words, whatever the accents', () => {
  expect(names(shownOf(all, 'ozturk', []))).toEqual(['Ada Öztürk', 'A. Öztürk']);
  expect(names(shownOf(all, ' ada 0621 ', []))).toEqual(['Ada Öztürk']);
  expect(names(shownOf(all, 'terrace', [])).length).toBe(5);
});

test('whoever is said to be one person is shown once, and nobody else goes', () => {
  expect(pairsOf(all).map(([number, entries]) => [number, names(entries)])).toEqual([
    [1, ['Ada Öztürk', 'A. Öztürk']],
    [2, ['Cem', 'CEM']],
  ]);
  expect(names(shownOf(all, '', [1]))).toEqual(['Ada Öztürk', 'Ben', 'Cem', 'CEM']);
  expect(names(shownOf(all, 'a. özt', [1]))).toEqual(['A. Öztürk']);
});
