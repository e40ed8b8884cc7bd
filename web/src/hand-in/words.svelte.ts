// The words of the page on which lists are handed in, in the reader's language.

import { Preference } from '../look/preferences.svelte.ts';
import type { HandInWords } from './words/en.ts';

export const LANGUAGES = {
  de: { name: 'Deutsch', locale: 'de-DE', load: () => import('./words/de.ts') },
  en: { name: 'English', locale: 'en-GB', load: () => import('./words/en.ts') },
  tr: { name: 'Türkçe', locale: 'tr-TR', load: () => import('./words/tr.ts') },
} satisfies Record<string, { name: string; locale: string; load: () => Promise<{ words: HandInWords }> }>;

export type Language = keyof typeof LANGUAGES;
export const isLanguage = (tag: string): tag is Language => tag in LANGUAGES;

const chosen = new Preference<Language | null>('hand-in-language', null);
let language = $state<Language>('en');
let words = $state.raw<HandInWords | null>(null);

/** Returns the words of the language that was chosen. */
export function w(): HandInWords {
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

/** "17 May 2026", for a day. */
export const sayDay = (day: string) =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString(LANGUAGES[language].locale, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
