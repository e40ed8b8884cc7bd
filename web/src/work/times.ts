// Points in time as they are written where the authority is, and those that are offered for calling back or hiding.

import type { Day, Instant } from '../api/types.ts';
import { addDays, dayNumber } from '../days/days.ts';

/** A point in time as a field writes it: `2026-03-01T14:30`, of the authority's time zone. */
export type LocalTime = string;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Staff begin then; "tomorrow" and "in the morning" mean it. */
export const MORNING = '09:00';
const AFTERNOON = '15:00';

/** Returns how an instant is written in a time zone. */
export function toLocal(at: Instant | Date, timeZone: string): LocalTime {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(at));
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '00';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/**
 * Returns the instant that is written so in a time zone, or null where nothing is. A time that a change of the clock
 * leaves out is the one an hour later; of one that comes twice it is the first.
 */
export function toInstant(local: LocalTime, timeZone: string): Instant | null {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})$/.exec(local);
  if (!match?.[1]) return null;
  const asUtc = dayNumber(match[1]) * 24 * HOUR_MS + Number(match[2]) * HOUR_MS + Number(match[3]) * MINUTE_MS;
  const offset = (ms: number) => Date.parse(`${toLocal(new Date(ms), timeZone)}Z`) - ms;
  // The offset before and after any change of the clock near by.
  const [before, after] = [offset(asUtc - 24 * HOUR_MS), offset(asUtc + 24 * HOUR_MS)];
  const found = [asUtc - before, asUtc - after].find((ms) => toLocal(new Date(ms), timeZone) === local);
  return new Date(found ?? asUtc - before).toISOString();
}

export type Suggestion = { name: 'in_an_hour' | 'afternoon' | 'tomorrow'; at: LocalTime };

const rounded = (now: Date, timeZone: string): LocalTime => {
  const step = 5 * MINUTE_MS;
  return toLocal(new Date(Math.ceil((now.getTime() + HOUR_MS) / step) * step), timeZone);
};
const dayOf = (local: LocalTime): Day => local.slice(0, 10);

/** Returns when to call again: in an hour, this afternoon as long as it is to come, tomorrow morning. */
export function callBackTimes(now: Date, timeZone: string): Suggestion[] {
  const today = dayOf(toLocal(now, timeZone));
  const soon: Suggestion = { name: 'in_an_hour', at: rounded(now, timeZone) };
  const afternoon: Suggestion = { name: 'afternoon', at: `${today}T${AFTERNOON}` };
  const tomorrow: Suggestion = { name: 'tomorrow', at: `${addDays(today, 1)}T${MORNING}` };
  return [soon, ...(afternoon.at > soon.at ? [afternoon] : []), tomorrow];
}

/** Returns until when an item may be hidden. */
export function snoozeTimes(now: Date, timeZone: string): Suggestion[] {
  return callBackTimes(now, timeZone).filter((one) => one.name !== 'afternoon');
}
