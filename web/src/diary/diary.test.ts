import { expect, test } from 'vitest';
import type { DiarySlot } from '../api/types.ts';
import { byDay, isRare, lookOf, nextToWrite, readTemperature, slotOf, withinEntries } from './diary.ts';

const slot = (
  day: string,
  part: 'morning' | 'evening',
  state: DiarySlot['state'],
  symptoms: string[] = [],
): DiarySlot => ({
  day,
  part,
  state,
  is_increased: false,
  entry: state === 'entered' ? ({ symptoms } as unknown as DiarySlot['entry']) : null,
});
const SLOTS = [
  slot('2026-03-02', 'evening', 'to_come'),
  slot('2026-03-02', 'morning', 'open'),
  slot('2026-03-01', 'evening', 'entered'),
  slot('2026-03-01', 'morning', 'missing'),
  slot('2026-02-28', 'evening', 'entered', ['cough']),
  slot('2026-02-28', 'morning', 'missing'),
];

test('a temperature is read with a point or a comma', () => {
  expect(['36.8', '36,8', ' 37 ', ''].map(readTemperature)).toEqual([36.8, 36.8, 37, null]);
  expect(['warm', '36.', '3 6', '36.888', '-36'].map(readTemperature)).toEqual(Array(5).fill(undefined));
});

test('what the server asks about is known before it asks', () => {
  expect([34.9, 35, 42, 42.1].map(isRare)).toEqual([true, false, false, true]);
});

test('each look is told by its entry, and a gap is one only where an entry was due', () => {
  expect(SLOTS.map(lookOf)).toEqual([null, null, 'well', 'missing', 'symptoms', 'missing']);
  expect(lookOf({ ...(SLOTS[2] as DiarySlot), is_increased: true })).toBe('symptoms');
});

test('half days lie by day, morning first', () => {
  const days = byDay(SLOTS);
  expect(days.map((one) => one.day)).toEqual(['2026-03-02', '2026-03-01', '2026-02-28']);
  expect(days[0]?.slots.map((one) => one.part)).toEqual(['morning', 'evening']);
});

test('the newest half day that has begun waits for its entry', () => {
  expect(nextToWrite(SLOTS)).toBe('2026-03-02 morning');
  expect(nextToWrite(SLOTS.slice(2))).toBe('2026-03-01 morning');
  expect(nextToWrite(SLOTS.slice(0, 1))).toBeNull();
});

test('the ruler begins with the first entry and ends with the last', () => {
  expect(withinEntries(SLOTS)).toEqual(SLOTS.slice(2, 5));
  expect(withinEntries(SLOTS.slice(0, 2))).toEqual([]);
});

test('a key names its half day', () => {
  expect(slotOf('2026-03-01 evening')).toEqual({ day: '2026-03-01', part: 'evening' });
  expect(slotOf('019c0000-0000-7000-8000-000000000000')).toBeNull();
});
