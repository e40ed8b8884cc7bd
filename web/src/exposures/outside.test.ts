import { expect, test } from 'vitest';
import type { Evidence, Exposed } from '../api/types.ts';
import { isByLineList, isOutside } from './outside.ts';

const INFECTIOUS = { first: '2015-05-17', last: '2015-05-31' };
const exposed = (first_day: string | null, last_day: string | null, generation = 1) =>
  ({ first_day, last_day, generation, outside: false }) as Exposed;
const found = (day: string | null, days_from: string | null) => ({ day, days_from }) as Evidence;

test('an exposure that begins within the infectious days is not outside', () => {
  expect(isOutside(exposed('2015-05-31', '2015-06-02'), INFECTIOUS)).toBe(false);
  expect(isOutside(exposed('2015-06-01', '2015-06-02'), INFECTIOUS)).toBe(true);
  expect(isOutside(exposed('2015-05-15', '2015-05-16'), INFECTIOUS)).toBe(true);
});

test('without days, and a generation further, nothing is called outside', () => {
  expect(isOutside(exposed(null, null), INFECTIOUS)).toBe(false);
  expect(isOutside(exposed('2015-06-05', null, 2), INFECTIOUS)).toBe(false);
  expect(isOutside(exposed('2015-06-05', null), null)).toBe(false);
});

test('days are of the line list only where no evidence has one of its own', () => {
  expect(isByLineList({ evidence: [found('2015-05-27', 'line_list'), found(null, null)] })).toBe(true);
  expect(isByLineList({ evidence: [found('2015-05-27', 'line_list'), found('2015-05-27', 'evidence')] })).toBe(false);
  expect(isByLineList({ evidence: [] })).toBe(false);
});
