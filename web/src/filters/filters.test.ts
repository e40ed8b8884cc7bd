import { expect, test } from 'vitest';
import { filterOf, sortBy, sortOf } from './filters.ts';

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
