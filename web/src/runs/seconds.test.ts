import { describe, expect, it } from 'vitest';
import { joined, path, rows, ticks, withPoint } from './seconds.ts';
import type { RunStatistics } from './types.ts';

const point = (second: number, zombies = 0): RunStatistics => ({
  second,
  total: 10,
  zombies,
  deaths: 0,
  dead_zombies: 0,
  immune: 0,
  silent: 0,
});

describe('seconds along an axis', () => {
  it('are round, and few', () => {
    expect(ticks(300, 6).map(({ value, unit }) => `${value} ${unit}`)).toEqual([
      '0 min',
      '1 min',
      '2 min',
      '3 min',
      '4 min',
      '5 min',
    ]);
    expect(ticks(20, 5).map((tick) => tick.second)).toEqual([0, 5, 10, 15, 20]);
    expect(ticks(0, 5)).toHaveLength(1);
    for (const last of [7, 119, 7_300, 100_000, 5_000_000]) expect(ticks(last, 6).length).toBeLessThanOrEqual(7);
  });
});

describe('curves', () => {
  it('reach from the first second to the last, upside down', () => {
    const box = { last: 10, most: 4, width: 100, height: 40 };
    expect(path([point(0), point(5, 2), point(10, 4)], (one) => one.zombies, box)).toBe(
      'M0.0 40.0L50.0 20.0L100.0 0.0',
    );
    expect(path([], (one) => one.zombies, box)).toBe('');
    expect(path([point(0, 1)], (one) => one.zombies, { ...box, last: 0, most: 0 })).toBe('M0.0 40.0');
  });

  it('go on with what came since they were read', () => {
    const since = [3, 4, 5].reduce((all, second) => withPoint(all, point(second)), [] as RunStatistics[]);
    expect(joined([point(0), point(4)], since).map((one) => one.second)).toEqual([0, 4, 5]);
    expect(withPoint(since, point(5, 9)).at(-1)).toEqual(point(5, 9));
    expect(withPoint(since, point(2))).toBe(since);
    let many: RunStatistics[] = [];
    for (let second = 0; second < 5_000; second += 1) many = withPoint(many, point(second));
    expect(many.length).toBeLessThan(600);
    expect(many.at(-1)?.second).toBe(4_999);
  });

  it('become a table of a few rows, the last one among them', () => {
    const points = Array.from({ length: 100 }, (_, second) => point(second));
    expect(rows(points, 10).map((one) => one.second)).toEqual([9, 19, 29, 39, 49, 59, 69, 79, 89, 99]);
    expect(rows([point(0), point(1)], 10)).toHaveLength(2);
  });
});
