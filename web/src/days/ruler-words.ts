// The words that a ruler is made with. Built from the language's catalogue, so that the ruler itself knows
// no language.

import type { Day, DayRange, DiarySlot, EvidenceKind, Exposed } from '../api/types.ts';
import type { Look } from '../diary/diary.ts';
import { entryWords } from '../diary/words.ts';
import { personName } from '../persons/names.ts';
import { say, t } from '../words/words.svelte.ts';

export type RulerWords = {
  laneInfectious: string;
  laneDates: string;
  laneExposed: string;
  laneIncubation: string;
  otherPlaces: string;
  onset: string;
  test: string;
  report: string;
  death: string;
  dayZero: string;
  exposed: string;
  mayBeInfected: string;
  ownExposure: string;
  fromCase: string;
  fromRule: string;
  noDay: string;
  month: (day: Day, withYear: boolean) => string;
  day: (day: Day) => string;
  days: (range: DayRange) => string;
  list: (items: string[]) => string;
  onDay: (day: Day, what: string) => string;
  sinceOnset: (days: number) => string;
  nDays: (n: number) => string;
  infectiousBand: (range: DayRange) => string;
  rule: (rule: string) => string;
  barTitle: (range: DayRange, what: string) => string;
  contactDay: (range: DayRange, sinceOnset: number | null) => string;
  contactsAt: (place: string) => string;
  exposedThere: (persons: Exposed[], place: string, nCases: number, outside: boolean, byLineList: boolean) => string;
  exposedTo: (person: Exposed) => string;
  byLineList: string;
  peopleAndDays: (n: number, nDays: number) => string;
  peopleAndMinutes: (n: number, minutes: number) => string;
  undated: (n: number) => string;
  undatedTitle: (n: number) => string;
  setting: (setting: string) => string;
  kind: (kind: EvidenceKind) => string;
  laneDiary: string;
  fromDiary: string;
  diaryLooks: Record<Look, string>;
  diarySlot: (slot: DiarySlot) => string;
  nSlots: (n: number) => string;
};

/** Returns the words of the language that is shown now. */
export function rulerWords(): RulerWords {
  const words = t().ruler;
  return {
    ...words,
    month: (day, withYear) => (withYear ? `${say.month(day)} ${day.slice(0, 4)}` : say.month(day)),
    day: say.dayFull,
    days: (range) => say.days(range, say.dayFull),
    list: say.list,
    onDay: (day, what) => words.colon(say.dayNamed(day), what),
    infectiousBand: (range) => words.infectiousBand(say.days(range, say.dayShort)),
    barTitle: (range, what) => words.colon(say.days(range, say.dayShort), what),
    contactDay: (range, since) =>
      words.contactDay(range.first === range.last ? say.dayNamed(range.first) : say.days(range, say.dayShort), since),
    exposedThere: (persons, place, nCases, outside, byLineList) =>
      words.exposedThere(
        persons.length === 1 && persons[0] ? personName(persons[0]) || t().persons.unnamed : null,
        persons.length,
        place,
        nCases,
        outside,
        byLineList,
      ),
    exposedTo: (person) => words.exposedTo(personName(person) || t().persons.unnamed),
    peopleAndMinutes: (n, minutes) => words.peopleAndMinutes(n, say.number(minutes)),
    rule: (rule) => words.rule(t().said(rule)),
    setting: t().setting,
    kind: (kind) => t().evidence[kind],
    laneDiary: t().diary.lane,
    fromDiary: t().diary.from,
    diaryLooks: { symptoms: t().diary.symptomsOn, well: t().diary.well, missing: t().diary.noEntry },
    diarySlot: (slot) => words.colon(t().diary.partNames[slot.part], entryWords(slot)),
    nSlots: t().diary.slots,
  };
}
