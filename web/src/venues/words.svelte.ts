// The words of the venues' page, in the reader's language.

import { Preference } from '../look/preferences.svelte.ts';
import type { VenueWords } from './words/en.ts';

export const LANGUAGES = {
  de: { name: 'Deutsch', locale: 'de-DE', load: () => import('./words/de.ts') },
  en: { name: 'English', locale: 'en-GB', load: () => import('./words/en.ts') },
  tr: { name: 'Türkçe', locale: 'tr-TR', load: () => import('./words/tr.ts') },
} satisfies Record<string, { name: string; locale: string; load: () => Promise<{ words: VenueWords }> }>;

export type Language = keyof typeof LANGUAGES;
export const isLanguage = (tag: string): tag is Language => tag in LANGUAGES;

const chosen = new Preference<Language | null>('venue-language', null);
let language = $state<Language>('en');
let words = $state.raw<VenueWords | null>(null);

/** Returns the words of the language that was chosen. */
export function w(): VenueWords {
  if (!words) throw new Error('no language is loaded yet');
  return words;
}

export const languageNow = () => language;

/** Loads a language; `keep` where somebody chose it. */
export async function chooseLanguage(next: Language, keep = true) {
  words = (await LANGUAGES[next].load()).words;
  language = next;
  document.documentElement.lang = next;
  if (keep) chosen.now = next;
}

/** Loads the chosen language, else the browser's, else German. */
export async function loadFirstLanguage() {
  const wanted = [chosen.now, ...navigator.languages.map((name) => name.slice(0, 2))];
  const known = wanted.find((name): name is Language => name !== null && isLanguage(name));
  await chooseLanguage(known ?? 'de', false);
}

/** "17 May 2026". */
export function sayInstant(at: string): string {
  const format = { day: 'numeric', month: 'long', year: 'numeric' } as const;
  return new Date(at).toLocaleDateString(LANGUAGES[language].locale, format);
}

/** "Sun, 17 May, 19:00", in a time zone. */
export function sayTime(at: string, timeZone: string): string {
  const format = {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  } as const;
  return at && new Date(at).toLocaleString(LANGUAGES[language].locale, format);
}

/** "19:00", in a time zone. */
export function sayClock(at: string, timeZone: string): string {
  return new Date(at).toLocaleTimeString(LANGUAGES[language].locale, { hour: '2-digit', minute: '2-digit', timeZone });
}

/** "17 May 2026", for a day. */
export const sayDay = (day: string) =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString(LANGUAGES[language].locale, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });

/** "Monday", for 1. */
export function sayWeekday(weekday: number): string {
  // The first of January 2024 was a Monday.
  const day = new Date(Date.UTC(2024, 0, weekday));
  return day.toLocaleDateString(LANGUAGES[language].locale, { weekday: 'long', timeZone: 'UTC' });
}
