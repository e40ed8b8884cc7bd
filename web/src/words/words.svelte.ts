// Words in the reader's language, and how that language writes numbers and days. A catalogue is a file of
// its own, loaded when it is needed; adding a language is adding a file and a line in LANGUAGES.

import type { Day, DayRange, Instant } from '../api/types.ts';
import { dayNumber, dayOfInstant } from '../days/days.ts';
import { Preference } from '../look/preferences.svelte.ts';
import type { Words } from './en.ts';

export const LANGUAGES = {
  en: { name: 'English', locale: 'en-GB', load: () => import('./en.ts') },
  de: { name: 'Deutsch', locale: 'de-DE', load: () => import('./de.ts') },
} satisfies Record<string, { name: string; locale: string; load: () => Promise<{ words: Words }> }>;

export type Language = keyof typeof LANGUAGES;

const chosen = new Preference<Language | null>('language', null);
let language = $state<Language>('en');
let words = $state.raw<Words | null>(null);
let zone = $state('UTC');
let today = $state<Day>(new Date().toISOString().slice(0, 10));

/** Returns the words of the language that was chosen. */
export function t(): Words {
  if (!words) throw new Error('no language is loaded yet');
  return words;
}

/** Keeps the choice, so that a page that is left while the words still load isn't in the old language, and loads. */
export async function chooseLanguage(next: Language, keep = true) {
  if (keep) chosen.now = next;
  const loaded = await LANGUAGES[next].load();
  words = loaded.words;
  language = next;
  document.documentElement.lang = next;
  document.documentElement.dir = loaded.words.direction;
}

/** Loads the chosen language, else the browser's, else English. */
export async function loadFirstLanguage() {
  const wanted = [chosen.now, ...navigator.languages.map((name) => name.slice(0, 2))];
  const known = wanted.find((name): name is Language => name !== null && name in LANGUAGES);
  await chooseLanguage(known ?? 'en', false);
}

export function languageNow(): Language {
  return language;
}

/** Sets where and when days and times are meant: the authority's time zone and its today. */
export function inAuthority(timeZone: string, day: Day) {
  zone = timeZone;
  today = day;
}

export function timeZone(): string {
  return zone;
}

export function todayIs(): Day {
  return today;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const { locale } = LANGUAGES[language];
  const key = `${locale} ${options.timeZone} ${name}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, options);
    formats.set(key, made);
  }
  return made;
}

const dateOf = (day: Day) => new Date(dayNumber(day) * 86_400_000);
const UTC = { timeZone: 'UTC' } as const;

const shortDay = (day: Day) => format('day', { ...UTC, day: 'numeric', month: 'long' }).format(dateOf(day));
const fullDay = (day: Day) =>
  format('full', { ...UTC, day: 'numeric', month: 'long', year: 'numeric' }).format(dateOf(day));

/** How many days from now an instant is, where the authority is: -1 is yesterday. */
const daysAway = (at: Instant) =>
  dayNumber(dayOfInstant(at, zone)) - dayNumber(dayOfInstant(new Date().toISOString(), zone));
const relativeDay = (away: number) =>
  new Intl.RelativeTimeFormat(LANGUAGES[language].locale, { numeric: 'auto' }).format(away, 'day');

function dayWithYear(day: Day): string {
  return day.slice(0, 4) === today.slice(0, 4) ? shortDay(day) : fullDay(day);
}

/** How this language writes numbers and days. */
export const say = {
  /** "17 May", with the year where it isn't this one. */
  day: dayWithYear,
  /** "17 May", beside an axis that says the year. */
  dayShort: shortDay,
  dayFull: fullDay,
  /** "Wed 27 May". */
  dayNamed: (day: Day) =>
    format('named', { ...UTC, weekday: 'short', day: 'numeric', month: 'long' }).format(dateOf(day)),
  /** "17 May", with a short month, for narrow columns. */
  dayNarrow: (day: Day) =>
    day.slice(0, 4) === today.slice(0, 4)
      ? format('narrow', { ...UTC, day: 'numeric', month: 'short' }).format(dateOf(day))
      : format('narrow-year', { ...UTC, day: 'numeric', month: 'short', year: 'numeric' }).format(dateOf(day)),
  month: (day: Day) => format('month', { ...UTC, month: 'long' }).format(dateOf(day)),
  monthShort: (day: Day) => format('month-short', { ...UTC, month: 'short' }).format(dateOf(day)),
  dayOfMonth: (day: Day) => String(Number(day.slice(8))),
  /** "17 to 30 May", "27 May to 6 June", or one day. */
  days: ({ first, last }: DayRange, write: (day: Day) => string = dayWithYear): string => {
    if (first === last) return write(first);
    const sameMonth = first.slice(0, 7) === last.slice(0, 7);
    if (sameMonth) return t().dates.range(t().dates.dayOnly(Number(first.slice(8))), write(last));
    const sameYear = first.slice(0, 4) === last.slice(0, 4);
    return t().dates.range(sameYear ? shortDay(first) : write(first), write(last));
  },
  /** "1 June, 09:14", in the authority's time zone. */
  instant: (instant: Instant) => {
    const clock = { timeZone: zone, hour: '2-digit', minute: '2-digit', hour12: false } as const;
    const day = { day: 'numeric', month: 'long' } as const;
    const thisYear = instant.slice(0, 4) === today.slice(0, 4);
    const made = thisYear
      ? format('instant', { ...clock, ...day })
      : format('instant-year', { ...clock, ...day, year: 'numeric' });
    return made.format(new Date(instant));
  },
  /** "14:05" today, "yesterday 18:12", "Thu 15:40", "5 June": shorter the longer ago it is or will be. */
  moment: (at: Instant): string => {
    const away = daysAway(at);
    if (away === 0) return say.time(at);
    if (Math.abs(away) === 1) return `${relativeDay(away)} ${say.time(at)}`;
    if (Math.abs(away) < 7) {
      return `${format('weekday', { timeZone: zone, weekday: 'short' }).format(new Date(at))} ${say.time(at)}`;
    }
    return away > 0 ? say.instant(at) : dayWithYear(dayOfInstant(at, zone));
  },
  /** "today 07:30", "yesterday 18:12", "Wednesday", "3 June", for what has lasted since then. */
  since: (at: Instant): string => {
    const away = daysAway(at);
    if (away >= -1) return `${relativeDay(away)} ${say.time(at)}`;
    if (away > -7) return format('weekday-long', { timeZone: zone, weekday: 'long' }).format(new Date(at));
    return dayWithYear(dayOfInstant(at, zone));
  },
  /** A language by its tag, in the reader's language. */
  language: (tag: string): string => {
    try {
      return new Intl.DisplayNames(LANGUAGES[language].locale, { type: 'language' }).of(tag) ?? tag;
    } catch {
      return tag;
    }
  },
  time: (at: Instant | Date) =>
    format('time', { timeZone: zone, hour: '2-digit', minute: '2-digit', hour12: false }).format(new Date(at)),
  /** "12:03:41", for what changes by the second. */
  timeToSecond: (at: Date) =>
    format('time-second', {
      timeZone: zone,
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hour12: false,
    }).format(at),
  number: (value: number, digits = 0) =>
    new Intl.NumberFormat(LANGUAGES[language].locale, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(value),
  /** A share of 0 to 1 in whole percent. */
  percent: (share: number) =>
    new Intl.NumberFormat(LANGUAGES[language].locale, { style: 'percent', maximumFractionDigits: 0 }).format(share),
  /** A measured number, with as many digits as say something. */
  figure: (value: number) =>
    new Intl.NumberFormat(LANGUAGES[language].locale, {
      minimumSignificantDigits: 2,
      maximumSignificantDigits: 2,
    }).format(value),
  bytes: (bytes: number) => {
    const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
    const step = bytes < 1000 ? 0 : bytes < 1_000_000 ? 1 : bytes < 1_000_000_000 ? 2 : 3;
    return new Intl.NumberFormat(LANGUAGES[language].locale, {
      style: 'unit',
      unit: units[step] ?? 'byte',
      unitDisplay: step === 0 ? 'long' : 'short',
      maximumFractionDigits: step >= 2 ? 1 : 0,
    }).format(bytes / 1000 ** step);
  },
  list: (items: string[]) => new Intl.ListFormat(LANGUAGES[language].locale).format(items),
};
