import { expect, test } from 'vitest';
import { waitOf } from './ask.ts';
import { offsetOf } from './clock.ts';

test('a clock is corrected by the header, halfway between question and answer', () => {
  const server = Date.parse('Thu, 26 Nov 2026 19:02:11 GMT');
  expect(offsetOf('Thu, 26 Nov 2026 19:02:11 GMT', server - 3_600_000, server - 3_599_000)).toBe(3_600_000);
  expect(offsetOf('Thu, 26 Nov 2026 19:02:11 GMT', server, server + 1_000), 'right as it is').toBe(0);
  expect(offsetOf(null, server, server)).toBeNull();
  expect(offsetOf('yesterday', server, server)).toBeNull();
});

test('how long to wait is read as seconds or as an instant', () => {
  const at = Date.parse('2026-11-26T19:02:11Z');
  expect(waitOf('7', at)).toBe(7_000);
  expect(waitOf('Thu, 26 Nov 2026 19:03:11 GMT', at)).toBe(60_000);
  expect(waitOf('Thu, 26 Nov 2026 19:01:11 GMT', at), 'gone by').toBe(0);
  expect(waitOf(null, at)).toBeNull();
  expect(waitOf('soon', at)).toBeNull();
});
