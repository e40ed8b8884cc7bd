import { expect, test } from 'vitest';
import { dayScale, dayTicks, steps } from './axis.ts';

test('a place on the axis is the day drawn there', () => {
  const scale = dayScale('2015-05-11', '2015-06-17', 48, 1056);
  for (const day of ['2015-05-11', '2015-06-01', '2015-06-17']) expect(scale.dayAt(scale.x(day))).toBe(day);
  expect(scale.dayAt(-100)).toBe('2015-05-11');
  expect(scale.dayAt(9999)).toBe('2015-06-17');
});

test('where days have no room only Mondays are written', () => {
  const wide = dayTicks(dayScale('2015-05-11', '2015-06-17', 48, 1056));
  expect(wide.ticks).toHaveLength(38);
  const narrow = dayTicks(dayScale('2015-05-11', '2015-06-17', 32, 350));
  expect(narrow.ticks.every((tick) => tick.monday)).toBe(true);
  expect(narrow.months.map((month) => month.day)).toEqual(['2015-05-11', '2015-06-01']);
});

test('steps are round and reach above the most', () => {
  expect(steps(16, 3)).toEqual([0, 10, 20]);
  expect(steps(7.5, 4)).toEqual([0, 2, 4, 6, 8]);
  expect(steps(0, 4)).toEqual([0, 1]);
  expect(steps(2, 4, 1)).toEqual([0, 1, 2]);
});
