// A diary as plain values: half days by day, what each looks like, and a temperature as people type it.

import type { Day, DiarySlot } from '../api/types.ts';
import type { ShapeName } from '../look/shapes.ts';

/** Temperatures that are often measured, for a tap. */
export const OFTEN_C = [36.6, 36.7, 36.8, 36.9, 37.0];
/** What the server takes without asking; it refuses anything else until somebody says that it is meant. */
const USUAL_C = { least: 35, most: 42 };

/** Returns what names a half day: `2026-03-01 morning`. */
export const slotKey = (slot: Pick<DiarySlot, 'day' | 'part'>) => `${slot.day} ${slot.part}`;

/** Returns the half day that a key names, or null. */
export function slotOf(key: string): Pick<DiarySlot, 'day' | 'part'> | null {
  const match = /^(\d{4}-\d{2}-\d{2}) (morning|evening)$/.exec(key);
  return match?.[1] ? { day: match[1], part: match[2] as DiarySlot['part'] } : null;
}

/** Reads a temperature with a point or a comma: null for nothing, undefined for what is none. */
export function readTemperature(text: string): number | null | undefined {
  const typed = text.trim().replace(',', '.');
  if (typed === '') return null;
  return /^\d{1,3}(\.\d{1,2})?$/.test(typed) ? Number(typed) : undefined;
}

/** Says whether the server will ask whether a temperature is meant. */
export const isRare = (celsius: number) => celsius < USUAL_C.least || celsius > USUAL_C.most;

export type Look = 'symptoms' | 'well' | 'missing';

/** Returns what a half day looks like, or null where nothing is expected of it yet. */
export function lookOf(slot: Pick<DiarySlot, 'state' | 'entry' | 'is_increased'>): Look | null {
  if (slot.entry) return slot.entry.symptoms.length > 0 || slot.is_increased ? 'symptoms' : 'well';
  return slot.state === 'missing' ? 'missing' : null;
}

/** Returns the shape of a look, and the state whose colour it has. */
export function shapeOf(look: Look): { name: ShapeName; is: string } {
  if (look === 'symptoms') return { name: 'triangle', is: 'medical' };
  return look === 'well' ? { name: 'squareo', is: 'immune' } : { name: 'dashring', is: 'missing' };
}

/** The half days of one day, morning first. */
export type DiaryDay = { day: Day; slots: DiarySlot[] };

/** Gathers half days by day, in the order in which they come. */
export function byDay(slots: DiarySlot[]): DiaryDay[] {
  const days: DiaryDay[] = [];
  for (const slot of slots) {
    const last = days.at(-1);
    if (last?.day === slot.day) last.slots.unshift(slot);
    else days.push({ day: slot.day, slots: [slot] });
  }
  return days;
}

/** Returns the half day that waits for an entry: the newest that has begun and has none. */
export function nextToWrite(slots: DiarySlot[]): string | null {
  const waits = slots.find((slot) => slot.state === 'open' || slot.state === 'missing');
  return waits ? slotKey(waits) : null;
}

/** Returns the half days from the first entry to the last: the only ones where a gap is one. */
export function withinEntries(slots: DiarySlot[]): DiarySlot[] {
  const first = slots.findIndex((slot) => slot.entry);
  return first < 0 ? [] : slots.slice(first, slots.findLastIndex((slot) => slot.entry) + 1);
}
