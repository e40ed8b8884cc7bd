import { expect, test } from 'vitest';
import { scaling, scrollToRow, TALLEST_PX, visibleRows } from './scaling.ts';

test('a short list scrolls pixel by pixel', () => {
  expect(scaling(1000, 40, 600)).toEqual({ spacerPx: 40_000, scale: 1 });
});

test('the end of the bar is the last of a million rows', () => {
  const { spacerPx } = scaling(1_000_000, 40, 600);
  expect(spacerPx).toBe(TALLEST_PX);
  const seen = visibleRows(TALLEST_PX - 600, 1_000_000, 40, 600, 0);
  expect(seen.last).toBe(1_000_000);
  expect(seen.first).toBeGreaterThanOrEqual(999_984);
});

test('a row that is out of sight is brought wholly into it', () => {
  const to = scrollToRow(999_999, 0, 1_000_000, 40, 600);
  expect(to).toBeCloseTo(TALLEST_PX - 600, 3);
  expect(scrollToRow(3, 0, 1000, 40, 600)).toBeNull();
  expect(scrollToRow(15, 0, 1000, 40, 600)).toBe(40);
});
