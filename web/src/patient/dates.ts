// A day as three fields: what was typed is kept as it is, also while it is no day.

import type { Day } from '../api/types.ts';

export type DayParts = { day: string; month: string; year: string };

/** What is wrong with a day that was typed. */
export type WrongDay = 'empty' | 'day' | 'month' | 'year' | 'no_such_day' | 'future';

export const noDay = (): DayParts => ({ day: '', month: '', year: '' });

export function partsOf(day: Day | null | undefined): DayParts {
  if (!day) return noDay();
  const [year = '', month = '', date = ''] = day.split('-');
  return { day: String(Number(date)), month: String(Number(month)), year };
}

const isEmpty = (parts: DayParts) => !parts.day.trim() && !parts.month.trim() && !parts.year.trim();

/** Returns the day, or what is wrong with it. */
export function readDay(parts: DayParts, today: Day): { day: Day } | { wrong: WrongDay } {
  if (isEmpty(parts)) return { wrong: 'empty' };
  const number = (text: string) => (/^\d{1,4}$/.test(text.trim()) ? Number(text) : Number.NaN);
  const [day, month, year] = [number(parts.day), number(parts.month), number(parts.year)];
  if (!(day >= 1 && day <= 31)) return { wrong: 'day' };
  if (!(month >= 1 && month <= 12)) return { wrong: 'month' };
  if (!(year >= 1880 && year <= 9999)) return { wrong: 'year' };
  const read = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  const date = new Date(`${read}T00:00:00Z`);
  if (date.getUTCDate() !== day) return { wrong: 'no_such_day' };
  return read > today ? { wrong: 'future' } : { day: read };
}
