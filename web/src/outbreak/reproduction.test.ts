import { expect, test } from 'vitest';
import { highestShown } from './reproduction.ts';

test('a few wild days at the beginning do not press the rest flat', () => {
  expect(highestShown([35, 28, 19, 7, 6, 5, 4, 3, 2, 1, 0.6])).toBe(8);
  expect(highestShown([1.2, 1.1, 0.9])).toBe(3);
  expect(highestShown([])).toBe(3);
});
