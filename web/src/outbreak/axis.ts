// Scales of the pictures: days along, counts up.

import type { Day } from '../api/types.ts';
import { dayNumber, toDay, weekday } from '../days/days.ts';

export type DayScale = {
  first: number;
  nDays: number;
  leftPx: number;
  dayPx: number;
  /** The middle of a day. */
  x: (day: Day) => number;
  /** The day at a place, kept inside the scale. */
  dayAt: (px: number) => Day;
};

/** Returns a scale from one day to another, both drawn whole. */
export function dayScale(first: Day, last: Day, leftPx: number, widthPx: number): DayScale {
  const start = dayNumber(first);
  const nDays = Math.max(1, dayNumber(last) - start + 1);
  const dayPx = Math.max(0.01, (widthPx - leftPx) / nDays);
  return {
    first: start,
    nDays,
    leftPx,
    dayPx,
    x: (day) => leftPx + (dayNumber(day) - start + 0.5) * dayPx,
    dayAt: (px) => toDay(start + Math.max(0, Math.min(nDays - 1, Math.floor((px - leftPx) / dayPx)))),
  };
}

export type DayTick = { x: number; lineX: number; day: Day; label: string; monday: boolean };

/** Returns the days that are written below the axis: all where they fit, else Mondays, else months. */
export function dayTicks(scale: DayScale): { ticks: DayTick[]; months: { x: number; day: Day }[] } {
  const ticks: DayTick[] = [];
  const months: { x: number; day: Day }[] = [];
  const every = scale.dayPx >= 17 ? 1 : scale.dayPx * 7 >= 24 ? 7 : 0;
  let lastMonthX = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scale.nDays; i += 1) {
    const day = toDay(scale.first + i);
    const monday = weekday(scale.first + i) === 0;
    const lineX = scale.leftPx + i * scale.dayPx;
    if (every === 1 || (every === 7 && monday)) {
      ticks.push({ x: lineX + scale.dayPx / 2, lineX, day, label: String(Number(day.slice(8))), monday });
    }
    if ((i === 0 || day.endsWith('-01')) && lineX - lastMonthX > 56) {
      months.push({ x: lineX, day });
      lastMonthX = lineX;
    }
  }
  return { ticks, months };
}

/** Returns round steps from 0 to at least `most`, about `n` of them; `least` is 1 where only whole numbers can be. */
export function steps(most: number, n: number, least = 0): number[] {
  if (most <= 0) return [0, 1];
  const raw = most / n;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * magnitude).find((s) => s >= raw) ?? raw;
  const whole = Math.max(step, least, most >= n ? 1 : step);
  const out: number[] = [];
  for (let value = 0; value < most + whole; value += whole) out.push(Number(value.toPrecision(6)));
  return out;
}
