import { expect, test } from 'vitest';
import type { ChainNode } from '../api/types.ts';
import { addDays } from '../days/days.ts';
import { bars, diedBy } from './curve.ts';

test('a short curve has a bar a day, with the dead of that day', () => {
  const curve = [
    { date: '2015-05-20', count: 5, complete: true },
    { date: '2015-05-21', count: 6, complete: false },
  ];
  expect(bars(curve, new Map([['2015-05-20', 1]]))).toEqual([
    { first: '2015-05-20', last: '2015-05-20', count: 5, died: 1, complete: true },
    { first: '2015-05-21', last: '2015-05-21', count: 6, died: 0, complete: false },
  ]);
});

test('a long curve has a bar a week, from Monday on, and loses nobody', () => {
  const curve = Array.from({ length: 200 }, (_, i) => ({
    date: addDays('2020-03-04', i),
    count: 1,
    complete: i < 190,
  }));
  const weeks = bars(curve, null);
  expect(weeks[0]).toMatchObject({ first: '2020-03-02', last: '2020-03-08', count: 5, complete: true });
  expect(weeks.reduce((sum, bar) => sum + bar.count, 0)).toBe(200);
  expect(weeks.at(-1)?.complete).toBe(false);
});

test('deaths are not counted where only a part of the cases was sent', () => {
  const node = { died: true, symptom_onset: '2015-05-20', reported_on: '2015-05-24' } as ChainNode;
  expect(diedBy('symptom_onset', [node], 2)).toBeNull();
  expect(diedBy('symptom_onset', [node], 1)?.get('2015-05-20')).toBe(1);
  expect(diedBy('reported_on', [node], 1)?.get('2015-05-24')).toBe(1);
});
