import { expect, test } from 'vitest';
import { instantOf, wallOf, windowOf } from './times.ts';

const BERLIN = 'Europe/Berlin';

test('yesterday evening is that of the authority, wherever the browser is', () => {
  const now = Date.parse('2026-03-01T23:30:00Z');
  expect(windowOf('evening', now, BERLIN)).toEqual({ from: '2026-03-01T18:00', until: '2026-03-02T00:00' });
  expect(windowOf('evening', now, 'UTC')).toEqual({ from: '2026-02-28T18:00', until: '2026-03-01T00:00' });
  expect(windowOf('today', now, BERLIN)).toEqual({ from: '2026-03-02T00:00', until: '2026-03-03T00:00' });
  expect(windowOf('yesterday', now, BERLIN).from).toBe('2026-03-01T00:00');
});

test('a day has 23 or 25 hours when the clocks change', () => {
  const hours = (from: string, until: string) =>
    (Date.parse(instantOf(until, BERLIN) ?? '') - Date.parse(instantOf(from, BERLIN) ?? '')) / 3_600_000;
  expect(hours('2026-03-29T00:00', '2026-03-30T00:00')).toBe(23);
  expect(hours('2026-10-25T00:00', '2026-10-26T00:00')).toBe(25);
  expect(instantOf('2026-03-02T18:00', BERLIN)).toBe('2026-03-02T17:00:00.000Z');
  expect(wallOf('2026-03-02T17:00:00Z', BERLIN)).toBe('2026-03-02T18:00');
  expect(instantOf('', BERLIN)).toBeNull();
});
