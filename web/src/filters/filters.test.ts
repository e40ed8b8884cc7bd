import { expect, test } from 'vitest';
import { filterOf, OUTBREAK_KEYS, postcodeOf, sortBy, sortOf } from './filters.ts';

test('only known keys and real days are taken from an address', () => {
  const query = new URLSearchParams('place=F1&name=Kim&onset_first=2015-05-11&onset_last=2015-02-30');
  expect(filterOf(query)).toEqual({ place: 'F1', onset_first: '2015-05-11' });
});

test('the newest report comes first, names begin with A', () => {
  expect(sortOf(new URLSearchParams())).toEqual({ sort: 'reported', order: 'desc' });
  expect(sortOf(new URLSearchParams('sort=name'))).toEqual({ sort: 'name', order: 'asc' });
  expect(sortOf(new URLSearchParams('sort=telephone'))).toEqual({ sort: 'reported', order: 'desc' });
});

test('a second click on the same column turns the order round', () => {
  expect(sortBy('onset', { sort: 'reported', order: 'desc' })).toEqual({ sort: 'onset', order: 'desc' });
  expect(sortBy('onset', { sort: 'onset', order: 'desc' })).toEqual({ sort: 'onset', order: 'asc' });
});

test('of several statuses those that there are stay, in their order', () => {
  const of = (query: string) => filterOf(new URLSearchParams(query));
  expect(of('status=tracking,asleep,open')).toEqual({ status: 'open,tracking' });
  expect(of('status=asleep&case_type=person&quarantined_on=2026-02-30&assigned=me')).toEqual({ assigned: 'me' });
  expect(of('case_type=contact&quarantine_ends_last=2026-02-03')).toEqual({
    case_type: 'contact',
    quarantine_ends_last: '2026-02-03',
  });
});

test('a postcode may be a beginning, and is no name', () => {
  expect(['68159', ' 68* ', 'SW1A 1AA', 'Müller', '*', '', '1234567890123'].map(postcodeOf)).toEqual([
    '68159',
    '68*',
    'SW1A 1AA',
    null,
    null,
    null,
    null,
  ]);
});

test('an outbreak is asked only for what it can be filtered by', () => {
  const query = new URLSearchParams('place=F1&status=open&outcome=died');
  expect(filterOf(query, OUTBREAK_KEYS)).toEqual({ place: 'F1' });
});
