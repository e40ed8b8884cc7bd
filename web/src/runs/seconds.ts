// Scales along the seconds of a run, and the curves above them.

import type { RunStatistics } from './types.ts';

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 604_800];

/** So long a run is told in minutes. */
const MINUTES_FROM_S = 180;

export type Tick = { second: number; unit: 's' | 'min' | 'h'; value: number };

/** Returns round seconds from 0 to `last`, no more than `most` of them. */
export function ticks(last: number, most: number): Tick[] {
  const least = last >= MINUTES_FROM_S ? 60 : 1;
  const step = STEPS_S.find((one) => one >= least && last / one <= most) ?? Math.ceil(last / most / 86_400) * 86_400;
  const unit = step < 60 ? 's' : step < 3600 ? 'min' : 'h';
  const each = unit === 's' ? 1 : unit === 'min' ? 60 : 3600;
  const out: Tick[] = [];
  for (let second = 0; second <= last; second += step) out.push({ second, unit, value: second / each });
  return out;
}

/** Returns the path of one number over time, in a box whose upper edge is `most`. */
export function path(
  points: RunStatistics[],
  value: (point: RunStatistics) => number,
  { last, most, width, height }: { last: number; most: number; width: number; height: number },
): string {
  let d = '';
  for (const point of points) {
    const x = last > 0 ? (point.second / last) * width : 0;
    const y = height - (most > 0 ? value(point) / most : 0) * height;
    d += `${d ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
  }
  return d;
}

/** The curve with what came since it was read, oldest first, no second twice. */
export function joined(points: RunStatistics[], since: RunStatistics[]): RunStatistics[] {
  const last = points.at(-1)?.second ?? -1;
  return [...points, ...since.filter((point) => point.second > last)];
}

/** Adds what was counted now; of many seconds every other one is let go. */
export function withPoint(since: RunStatistics[], point: RunStatistics): RunStatistics[] {
  const last = since.at(-1);
  if (last && point.second <= last.second) return point.second === last.second ? [...since.slice(0, -1), point] : since;
  const thinned = since.length > 500 ? since.filter((_, i) => i % 2 === 0) : since;
  return [...thinned, point];
}

/** About so many points, evenly apart, the last one among them: rows of a table. */
export function rows(points: RunStatistics[], most: number): RunStatistics[] {
  const every = Math.max(1, Math.ceil(points.length / most));
  return points.filter((_, i) => (points.length - 1 - i) % every === 0);
}
