// The words of the patients' page, in the reader's language. A catalogue is a file of its own, loaded when it is needed.

import type { Day } from '../api/types.ts';
import { Preference } from '../look/preferences.svelte.ts';
import type { OwnCase } from './types.ts';
import type { PatientWords } from './words/en.ts';

export const LANGUAGES = {
  de: { name: 'Deutsch', locale: 'de-DE', load: () => import('./words/de.ts') },
  en: { name: 'English', locale: 'en-GB', load: () => import('./words/en.ts') },
  tr: { name: 'Türkçe', locale: 'tr-TR', load: () => import('./words/tr.ts') },
} satisfies Record<string, { name: string; locale: string; load: () => Promise<{ words: PatientWords }> }>;

export type Language = keyof typeof LANGUAGES;
export const isLanguage = (tag: string): tag is Language => tag in LANGUAGES;

const chosen = new Preference<Language | null>('patient-language', null);
let language = $state<Language>('en');
let words = $state.raw<PatientWords | null>(null);

/** Returns the words of the language that was chosen. */
export function w(): PatientWords {
  if (!words) throw new Error('no language is loaded yet');
  return words;
}

export const languageNow = () => language;
/** Whether somebody chose the language themselves. */
export const hasChosen = () => chosen.now !== null;

/** Loads a language; `keep` where somebody chose it. */
export async function chooseLanguage(next: Language, keep = true) {
  const loaded = await LANGUAGES[next].load();
  words = loaded.words;
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
export function sayDay(day: Day): string {
  const format = new Intl.DateTimeFormat(LANGUAGES[language].locale, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return format.format(new Date(`${day}T00:00:00Z`));
}

/** "10:42". */
export function sayTime(at: Date): string {
  return new Intl.DateTimeFormat(LANGUAGES[language].locale, { hour: '2-digit', minute: '2-digit' }).format(at);
}

const intl = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(LANGUAGES[language].locale, options);

/** "Friday 12 June". */
export const sayDayNamed = (day: Day) =>
  intl({ weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));

/** "10:42", by the clock of the authority. */
export const sayTimeIn = (at: string | Date, timeZone: string) =>
  intl({ hour: '2-digit', minute: '2-digit', timeZone }).format(new Date(at));

/** "Saturday 22:59", by the clock of the authority. */
export const sayMomentIn = (at: string | Date, timeZone: string) =>
  intl({ weekday: 'long', hour: '2-digit', minute: '2-digit', timeZone }).format(new Date(at));

/** The last minute before an instant: an end that isn't included is said as people say it. */
export const lastMinute = (at: string) => new Date(Date.parse(at) - 60_000);

/** "36.8", as the language writes it. */
export const sayDegrees = (celsius: number) =>
  new Intl.NumberFormat(LANGUAGES[language].locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(
    celsius,
  );

/** "36.8 °C, no symptoms." */
export function sayEntry(
  entry: { temperature_c?: number | null; symptoms: string[] },
  catalogue: OwnCase['symptoms'],
): string {
  const name = (id: string) => catalogue.find((one) => one.symptom === id)?.names[language] ?? id;
  const temperature = typeof entry.temperature_c === 'number' ? `${sayDegrees(entry.temperature_c)} °C` : '';
  const symptoms = entry.symptoms.length > 0 ? entry.symptoms.map(name).join(', ') : w().diary.noSymptoms;
  return `${[temperature, symptoms].filter(Boolean).join(', ')}.`;
}
