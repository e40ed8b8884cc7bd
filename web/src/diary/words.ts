// Diaries in words: a half day, and what stands in the history of one.

import type { DiarySlot } from '../api/types.ts';
import { say, t } from '../words/words.svelte.ts';
import { slotOf } from './diary.ts';
import { symptomName } from './symptoms.svelte.ts';

/** "1 March, morning". */
export function slotWords(slot: Pick<DiarySlot, 'day' | 'part'>): string {
  return t().diary.slot(say.day(slot.day), t().diary.parts[slot.part]);
}

/** "36.8 °C, no symptoms", "38.4 °C, above the threshold, cough, fever", "no entry". */
export function entryWords(slot: Pick<DiarySlot, 'state' | 'entry' | 'is_increased'>): string {
  const { entry } = slot;
  if (!entry) return t().diary.states[slot.state] ?? slot.state;
  return said(entry.temperature_c, entry.symptoms, slot.is_increased);
}

function said(celsius: number | null, symptoms: string[], isIncreased: boolean): string {
  const temperature = celsius === null ? t().diary.notMeasured : t().diary.celsius(say.number(celsius, 1));
  const names = symptoms.length ? symptoms.map(symptomName) : [t().diary.noSymptoms];
  return [temperature, ...(isIncreased ? [t().diary.increased] : []), ...names].join(', ');
}

/** Returns an entry of the history, such as `2026-03-01 morning; 36.8; cough; `, as it is read. */
export function historyWords(text: string): string {
  const [key = '', temperature = '', symptoms = '', contacts = ''] = text.split(';').map((part) => part.trim());
  const slot = slotOf(key);
  if (!slot) return text;
  const list = (words: string) => words.split(' ').filter(Boolean);
  const celsius = temperature ? Number(temperature) : null;
  const met = list(contacts).length;
  const words = t().ruler.colon(slotWords(slot), said(celsius, list(symptoms), false));
  return met ? `${words}, ${t().diary.met(met)}` : words;
}
