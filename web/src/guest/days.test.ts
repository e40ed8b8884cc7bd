import { expect, test } from 'vitest';
import { dayAt, deletedOn, nextAt, timeAt } from './days.ts';

const BERLIN = 'Europe/Berlin';
const at = (text: string) => Date.parse(text);

test('days and times are those of the wall, also after midnight there', () => {
  expect(dayAt(at('2026-11-26T23:30:00Z'), BERLIN)).toBe('2026-11-27');
  expect(timeAt(at('2026-11-26T23:30:00Z'), BERLIN)).toBe('00:30');
  expect(timeAt(at('2026-07-01T12:05:00Z'), BERLIN)).toBe('14:05');
});

test('a visit is deleted fifteen days after the day of arrival', () => {
  expect(deletedOn(at('2026-11-24T13:05:00Z'), BERLIN)).toBe('2026-12-09');
  expect(deletedOn(at('2026-11-24T23:30:00Z'), BERLIN), 'already the 25th there').toBe('2026-12-10');
  expect(deletedOn(at('2026-12-20T10:00:00Z'), BERLIN), 'across a year').toBe('2027-01-04');
});

test('a time is the next one, tomorrow where it has gone by', () => {
  const now = at('2026-11-26T20:00:00Z');
  expect(nextAt('22:30', now, BERLIN)).toBe(at('2026-11-26T21:30:00Z'));
  expect(nextAt('01:00', now, BERLIN)).toBe(at('2026-11-27T00:00:00Z'));
  expect(nextAt('21:00', now, BERLIN), 'the time it is').toBe(at('2026-11-27T20:00:00Z'));
  for (const none of ['', '24:00', '9', '12:60', 'soon']) expect(nextAt(none, now, BERLIN), none).toBeNull();
});

test('times are found across the night in which the clocks change', () => {
  expect(nextAt('04:00', at('2026-10-24T20:00:00Z'), BERLIN)).toBe(at('2026-10-25T03:00:00Z'));
  expect(nextAt('04:00', at('2026-03-28T20:00:00Z'), BERLIN)).toBe(at('2026-03-29T02:00:00Z'));
});
