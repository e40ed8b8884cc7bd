import { expect, test } from 'vitest';
import type { TimelinessStep } from '../api/types.ts';
import { barOf, isShown, partsOf } from './steps.ts';

const step = (changes: Partial<TimelinessStep>): TimelinessStep => ({
  name: 'first_call',
  due: 8,
  reached: 6,
  within_24_h: 3,
  within_48_h: 5,
  running: 2,
  overdue: 2,
  share_24_h: 3 / 8,
  share_48_h: 5 / 8,
  reason: null,
  ...changes,
});

test('the parts of a bar are all cases of the step, each once', () => {
  expect(partsOf(step({}))).toEqual({ within_24: 3, within_48: 2, later: 1, overdue: 2, running: 2 });
  const bar = barOf(step({}));
  expect(bar.reduce((sum, part) => sum + part.cases, 0)).toBe(10);
  expect(bar.reduce((sum, part) => sum + part.percent, 0)).toBeCloseTo(100);
});

test('a part without cases has no place in the bar', () => {
  const none = step({ due: 0, reached: 0, within_24_h: 0, within_48_h: 0, overdue: 0, running: 0 });
  expect(barOf(none)).toEqual([]);
  expect(barOf(step({ running: 0 })).map((one) => one.part)).not.toContain('running');
});

test('contact cases are not asked for contacts', () => {
  const named = step({ name: 'contacts_named', reached: 0 });
  expect(isShown(named, true)).toBe(true);
  expect(isShown(named, false)).toBe(false);
  expect(isShown(step({ name: 'contacts_named' }), false)).toBe(true);
  expect(isShown(step({}), false)).toBe(true);
});
