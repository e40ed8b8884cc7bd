import { expect, test } from 'vitest';
import type { Evidence } from '../api/types.ts';
import { stepsOf } from './steps.ts';

const piece = (points: number) => ({ points }) as Evidence;

test('each piece begins where the one before ended, the largest first', () => {
  const { steps, sumShare, limitShare } = stepsOf([piece(10), piece(30), piece(15)], 55, 15);
  expect(steps.map((step) => step.evidence.points)).toEqual([30, 15, 10]);
  expect(steps[1]?.fromShare).toBeCloseTo(30 / 55);
  expect(steps[2]?.fromShare).toBeCloseTo(45 / 55);
  expect(sumShare).toBe(1);
  expect(limitShare).toBeCloseTo(15 / 55);
});

test('a limit above the score is still in the picture', () => {
  const { sumShare, limitShare } = stepsOf([piece(6)], 6, 15);
  expect(limitShare).toBeCloseTo(1 / 1.1);
  expect(sumShare).toBeCloseTo(6 / 16.5);
});

test('a rule without minutes draws no limit, and no evidence draws nothing', () => {
  expect(stepsOf([piece(6)], 6, 0).limitShare).toBeNull();
  expect(stepsOf([], 0, 15)).toEqual({ steps: [], sumShare: 0, limitShare: null });
});
