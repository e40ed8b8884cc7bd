// The words of the guests' page. All languages are in the bundle: without signal none could be fetched.

import { timeAt } from './days.ts';
import { words as de } from './words/de.ts';
import { words as en, type GuestWords } from './words/en.ts';
import { words as tr } from './words/tr.ts';

export const LANGUAGES = {
  de: { name: 'Deutsch', locale: 'de-DE', words: de },
  en: { name: 'English', locale: 'en-GB', words: en },
  tr: { name: 'Türkçe', locale: 'tr-TR', words: tr },
} satisfies Record<string, { name: string; locale: string; words: GuestWords }>;

export type Language = keyof typeof LANGUAGES;
const KEY = 'epitrace.guest-language';
const isLanguage = (tag: string | null): tag is Language => tag !== null && tag in LANGUAGES;

let language = $state<Language>('de');

export const w = (): GuestWords => LANGUAGES[language].words;
export const languageNow = () => language;

function speak(next: Language) {
  language = next;
  document.documentElement.lang = next;
}

/** Speaks the language that was chosen here, else the browser's, else German. */
export function speakFirst() {
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem(KEY);
  } catch {
    // A browser that keeps nothing: its own language then.
  }
  const wanted = [chosen, ...(navigator.languages || [navigator.language]).map((name) => name.slice(0, 2))];
  speak(wanted.find(isLanguage) ?? 'de');
}

export function choose(tag: string) {
  if (!isLanguage(tag)) return;
  speak(tag);
  try {
    localStorage.setItem(KEY, tag);
  } catch {
    // Chosen for as long as the page is open.
  }
}

/** "9 December". */
export const sayDay = (day: string) =>
  new Intl.DateTimeFormat(LANGUAGES[language].locale, { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  );

/** "14:05". */
export const sayTime = (at: string | number, zone: string | null) => timeAt(new Date(at).getTime(), zone);
