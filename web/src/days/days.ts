// Calendar days as whole numbers, so that a ruler, a curve and a list count them alike.
// Day 0 is 1 January 1970; no time zone is involved, since a day of the server has none.

import type { Day } from '../api/types.ts';

const DAY_MS = 86_400_000;

/** Returns the number of a day. */
export function dayNumber(day: Day): number {
  const [year, month, date] = day.split('-').map(Number);
  return Math.round(Date.UTC(year ?? 1970, (month ?? 1) - 1, date ?? 1) / DAY_MS);
}

/** Returns the day that a number stands for. */
export function toDay(number: number): Day {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

/** Returns the day of the week, 0 for Monday. */
export function weekday(number: number): number {
  return (((number + 3) % 7) + 7) % 7;
}

/** Returns the Monday on or before a day. */
export function mondayOf(number: number): number {
  return number - weekday(number);
}

/** Returns the day so many days later; negative is earlier. */
export function addDays(day: Day, days: number): Day {
  return toDay(dayNumber(day) + days);
}

/** Returns how many days lie between two days: 0 for the same day, negative where `to` is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return dayNumber(to) - dayNumber(from);
}

/** Says whether a text is a day that exists. */
export function isDay(text: string | null | undefined): text is Day {
  return !!text && /^\d{4}-\d{2}-\d{2}$/.test(text) && toDay(dayNumber(text)) === text;
}

/** Returns the day of an instant in a time zone. */
export function dayOfInstant(instant: string, timeZone: string): Day {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(new Date(instant));
}
