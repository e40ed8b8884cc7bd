import { expect, test } from 'vitest';
import { queryOf } from './saved-views.ts';

test('a view holds the filters and the order of an address, and nothing else of it', () => {
  const address = new URLSearchParams('order=asc&status=open,asleep&name=Kim&sort=onset&postcode=68*&case=1');
  expect(queryOf(address)).toBe('status=open&postcode=68*&sort=onset&order=asc');
});

test('the same filters are the same view, in whichever order they were set', () => {
  const [one, other] = ['place=F&status=tracking,open', 'status=open,tracking&place=F'];
  expect(queryOf(new URLSearchParams(one))).toBe(queryOf(new URLSearchParams(other)));
  expect(queryOf(new URLSearchParams('text=meier'))).toBe('');
});
