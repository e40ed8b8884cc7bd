import { expect, test } from 'vitest';
import { nextMark } from './ruler-keys.ts';

const marks = [
  { lane: 1, column: 2 },
  { lane: 1, column: 15 },
  { lane: 2, column: 5 },
  { lane: 2, column: 14 },
  { lane: 4, column: 0 },
];

test('left and right stay on the lane, and swap from right to left', () => {
  expect(nextMark(marks, 0, 'ArrowRight', false)).toBe(1);
  expect(nextMark(marks, 0, 'ArrowLeft', true)).toBe(1);
  expect(nextMark(marks, 1, 'ArrowRight', false)).toBe(1);
});

test('up and down go to the nearest day of the next lane that has a mark', () => {
  expect(nextMark(marks, 1, 'ArrowDown', false)).toBe(3);
  expect(nextMark(marks, 3, 'ArrowDown', false)).toBe(4);
  expect(nextMark(marks, 4, 'ArrowUp', false)).toBe(2);
});

test('Home and End are the first and the last mark; other keys mean nothing', () => {
  expect(nextMark(marks, 2, 'Home', false)).toBe(0);
  expect(nextMark(marks, 2, 'End', false)).toBe(4);
  expect(nextMark(marks, 2, 'a', false)).toBeNull();
});
