import { expect, test } from 'vitest';
import { callBackTimes, snoozeTimes, toInstant, toLocal } from './times.ts';

const BERLIN = 'Europe/Berlin';

test('an instant and how it is written where the authority is', () => {
  expect(toLocal('2026-03-01T13:05:59Z', BERLIN)).toBe('2026-03-01T14:05');
  expect(toLocal('2026-07-01T22:30:00Z', BERLIN)).toBe('2026-07-02T00:30');
  expect(toInstant('2026-03-01T14:05', BERLIN)).toBe('2026-03-01T13:05:00.000Z');
  expect(toInstant('2026-07-02T00:30', BERLIN)).toBe('2026-07-01T22:30:00.000Z');
  expect(toInstant('2026-07-02T00:30', 'Asia/Kolkata')).toBe('2026-07-01T19:00:00.000Z');
});

test('nothing, or half a time, is no instant', () => {
  for (const text of ['', '2026-03-01', '14:05', '2026-03-01T14']) expect(toInstant(text, BERLIN)).toBeNull();
});

test('an hour that the clock leaves out is the next one, and of one that comes twice it is the first', () => {
  expect(toInstant('2026-03-29T02:30', BERLIN)).toBe('2026-03-29T01:30:00.000Z');
  expect(toInstant('2026-10-25T02:30', BERLIN)).toBe('2026-10-25T00:30:00.000Z');
  expect(toInstant('2026-10-25T03:30', BERLIN)).toBe('2026-10-25T02:30:00.000Z');
});

test('in the morning there are three times to call back, the first on five minutes', () => {
  expect(callBackTimes(new Date('2026-03-01T08:02:00Z'), BERLIN)).toEqual([
    { name: 'in_an_hour', at: '2026-03-01T10:05' },
    { name: 'afternoon', at: '2026-03-01T15:00' },
    { name: 'tomorrow', at: '2026-03-02T09:00' },
  ]);
});

test('late in the day "this afternoon" is gone, and tomorrow is the next day of the authority', () => {
  expect(callBackTimes(new Date('2026-03-31T22:10:00Z'), BERLIN)).toEqual([
    { name: 'in_an_hour', at: '2026-04-01T01:10' },
    { name: 'afternoon', at: '2026-04-01T15:00' },
    { name: 'tomorrow', at: '2026-04-02T09:00' },
  ]);
  const names = callBackTimes(new Date('2026-03-01T13:30:00Z'), BERLIN).map((one) => one.name);
  expect(names).toEqual(['in_an_hour', 'tomorrow']);
});

test('an item is hidden for an hour or until the morning', () => {
  const names = snoozeTimes(new Date('2026-03-01T08:02:00Z'), BERLIN).map((one) => one.name);
  expect(names).toEqual(['in_an_hour', 'tomorrow']);
});
