// The day ruler as plain values: which days it spans, what stands on which lane, and the same as a table.
// Drawing it is DayRuler.svelte's; what is decided here can be tested without a page.

import type { Case, Day, DayRange, DiarySlot, Evidence, Exposed, Exposures } from '../api/types.ts';
import { type Look, lookOf, shapeOf, withinEntries } from '../diary/diary.ts';
import { isByLineList } from '../exposures/outside.ts';
import type { ShapeName } from '../look/shapes.ts';
import { dayNumber, mondayOf, toDay, weekday } from './days.ts';
import type { RulerWords } from './ruler-words.ts';

/** What the ruler needs of a case; a person without a case has none of these days. */
export type RulerDays = Pick<
  Case,
  | 'symptom_onset'
  | 'tested_on'
  | 'reported_on'
  | 'died_on'
  | 'exposed_first'
  | 'exposed_last'
  | 'infectious'
  | 'infectious_rule'
  | 'infectious_source'
  | 'incubation'
  | 'incubation_rule'
  | 'incubation_source'
> & { order?: RulerOrder | null };

/** Quarantine or isolation as a bar, and the days that the rules propose instead. */
export type RulerOrder = {
  lane: string;
  name: string;
  text: string;
  from: string;
  days: DayRange;
  proposed: { lane: string; name: string; text: string; from: string; days: DayRange } | null;
};

export type Mark = {
  lane: number;
  /** The column, and how many it spans; the first is 0. */
  column: number;
  span: number;
  title: string;
  text: string;
  look:
    | { is: 'flag'; shape: ShapeName; colour: string; name: string; back: boolean; fitsPhone: boolean }
    | { is: 'disc'; sizePx: number; n: number; outside: boolean }
    | { is: 'bar'; name: string; dashed: boolean; order?: boolean }
    | { is: 'diary'; shapes: { name: ShapeName; is: string }[] };
};
/** The lane above the axis. */
export const DIARY_LANE = -1;
export type Lane = { name: string; kind: 'infectious' | 'dates' | 'contacts' | 'window'; heightPx: number };
export type Column = {
  first: Day;
  label: string;
  monday: boolean;
  today: boolean;
  month: string | null;
  monthFitsPhone: boolean;
  /** On a phone its name ends with the ruler, since there is no room behind its first day. */
  monthAtEnd: boolean;
};
export type TableRow = { when: string; what: string; words: string; from: string; sort: number };
export type RulerModel = {
  first: Day;
  last: Day;
  stepDays: number;
  columns: Column[];
  lanes: Lane[];
  marks: Mark[];
  band: { column: number; span: number; name: string; rule: string } | null;
  today: { column: number } | null;
  table: TableRow[];
  has: { discs: boolean; outside: boolean; undated: boolean; personDays: boolean; diary: Look[] };
};

const DAY_COLUMNS = 45;
const MARGIN_DAYS = 6;
const MOST_LANES = 6;
const SMALLEST_PX = 9;
const LARGEST_PX = 34;
/** Weighted minutes of a disc whose area is that of one person named as infected on one day. */
const ONE_NAMED = 13.5;
const ONE_NAMED_PX = 6.54;
const TODAY_WITHIN_DAYS = 21;
// How much room words take beside a flag, reckoned for a ruler of the usual width.
const LETTER_PX = 7;
const SHAPE_PX = 14;
const TYPICAL_WIDTH_PX = 920;
const PHONE_WIDTH_PX = 358;

/** Returns how many days a column stands for, so that no ruler has more columns than can be read. */
export function stepFor(nDays: number): number {
  if (nDays <= DAY_COLUMNS) return 1;
  if (nDays <= 90) return 2;
  return nDays <= 7 * 104 ? 7 : 28;
}

type Point = { lane: string; day: Day; lastDay: Day; points: number; person: Exposed; evidence: Evidence };

/** Returns the ruler of a case, or null where no day is known at all. */
export function ruler(
  days: RulerDays,
  forward: Exposures | null,
  backward: Exposures | null,
  today: Day,
  words: RulerWords,
  diary: DiarySlot[] = [],
): RulerModel | null {
  const { dated, undated } = pointsOf(forward, words);
  const written = withinEntries(diary);
  const known = [
    days.symptom_onset,
    days.tested_on,
    days.reported_on,
    days.died_on,
    days.exposed_first,
    days.exposed_last,
    days.infectious?.first,
    days.infectious?.last,
    days.order?.days.first,
    days.order?.days.last,
    days.order?.proposed?.days.last,
    ...dated.flatMap((point) => [point.day, point.lastDay]),
    ...written.map((slot) => slot.day),
  ].filter((day): day is Day => !!day);
  if (known.length === 0) return null;

  const scale = scaleOf(withIncubation(known, days.incubation), today, words);
  const marks: Mark[] = flags(days, scale, words);
  const table: TableRow[] = dateRows(days, words);
  // A person without a case has neither.
  const lanes: Lane[] =
    marks.length || days.infectious
      ? [
          { name: words.laneInfectious, kind: 'infectious', heightPx: 28 },
          { name: words.laneDates, kind: 'dates', heightPx: 28 },
        ]
      : [];

  const band = days.infectious ? bandOf(days.infectious, days, scale, words) : null;
  const contacts = contactLanes(dated, undated, days, scale, words);
  for (const lane of contacts) {
    const at = lanes.push({ name: lane.name, kind: 'contacts', heightPx: lane.heightPx }) - 1;
    marks.push(...lane.marks.map((mark) => ({ ...mark, lane: at })));
    table.push(lane.row);
  }
  const { bars, rowsOnly } = windows(days, backward, scale, words);
  table.push(...rowsOnly);
  for (const bar of bars) {
    const at = lanes.push({ name: bar.lane, kind: 'window', heightPx: 32 }) - 1;
    marks.push({ ...bar.mark, lane: at });
    table.push(bar.row);
  }
  const { diaryMarks, diaryRows, looks } = diaryLane(written, scale, words);
  marks.push(...diaryMarks);
  table.push(...diaryRows);
  return {
    first: scale.first,
    last: toDay(dayNumber(scale.first) + scale.columns.length * scale.step - 1),
    stepDays: scale.step,
    columns: scale.columns,
    lanes,
    marks,
    band,
    today: scale.today === null ? null : { column: scale.today },
    table: table.sort((a, b) => a.sort - b.sort),
    has: {
      discs: marks.some((mark) => mark.look.is === 'disc'),
      outside: marks.some((mark) => mark.look.is === 'disc' && mark.look.outside),
      undated: marks.some((mark) => mark.look.is === 'bar' && mark.look.dashed),
      personDays: dated.length > 0 && dated.every(isWithoutMinutes),
      diary: looks,
    },
  };
}

type Scale = {
  first: Day;
  step: number;
  columns: Column[];
  today: number | null;
  column: (day: Day) => number;
  span: (range: DayRange) => { column: number; span: number };
};

function scaleOf(known: Day[], today: Day, words: RulerWords): Scale {
  const numbers = known.map(dayNumber);
  const now = dayNumber(today);
  let first = Math.min(...numbers) - 2;
  let last = Math.max(...numbers) + 3;
  const showToday = now >= first && now <= last + TODAY_WITHIN_DAYS;
  if (showToday) last = Math.max(last, now + 3);
  const step = stepFor(last - first + 1);
  if (step >= 7) first = mondayOf(first);
  const n = Math.ceil((last - first + 1) / step);
  const column = (day: Day) => Math.max(0, Math.min(n - 1, Math.floor((dayNumber(day) - first) / step)));
  const every = step < 7 ? 1 : Math.ceil(n / 26);
  const columns = Array.from({ length: n }, (_, i) => {
    const number = first + i * step;
    const day = toDay(number);
    const before = i === 0 ? null : toDay(number - 1 - (step - 1));
    const begins = Array.from({ length: step }, (_, k) => number + k);
    const monday = step < 7 ? begins.find((one) => weekday(one) === 0) : number;
    const newMonth = before === null || before.slice(0, 7) !== day.slice(0, 7);
    return {
      first: day,
      label:
        step === 1
          ? String(Number(day.slice(8)))
          : monday === undefined || i % every
            ? ''
            : String(Number(toDay(monday).slice(8))),
      monday: monday !== undefined && i % every === 0,
      today: showToday && column(today) === i,
      month: newMonth ? words.month(day, before === null || before.slice(0, 4) !== day.slice(0, 4)) : null,
      monthFitsPhone: true,
      monthAtEnd: false,
    };
  });
  roomForMonths(columns, words);
  return {
    first: toDay(first),
    step,
    columns,
    today: showToday ? column(today) : null,
    column,
    span: (range) => {
      const from = column(range.first);
      return { column: from, span: column(range.last) - from + 1 };
    },
  };
}

/** Takes away the name of a month that would lie over the next; the next one then says the year too. */
function roomForMonths(columns: Column[], words: RulerWords) {
  const named = columns.flatMap((column, i) => (column.month === null ? [] : [i]));
  for (const [k, i] of named.entries()) {
    const [column, next] = [columns[i], columns[named[k + 1] ?? -1]];
    if (!column?.month) continue;
    const left = (columns.length - i) / columns.length;
    column.monthAtEnd = left * PHONE_WIDTH_PX < column.month.length * LETTER_PX + 8;
    if (!next) continue;
    const room = ((named[k + 1] ?? 0) - i) / columns.length;
    const widthPx = column.month.length * LETTER_PX + 4;
    column.monthFitsPhone = room * PHONE_WIDTH_PX >= widthPx;
    if (!column.monthFitsPhone) next.month = words.month(next.first, true);
    if (room * TYPICAL_WIDTH_PX < widthPx) column.month = null;
  }
}

function flags(days: RulerDays, scale: Scale, words: RulerWords): Mark[] {
  const flag = (day: Day, shape: ShapeName, colour: string, name: string, text: string): Mark => ({
    lane: 1,
    column: scale.column(day),
    span: 1,
    title: words.onDay(day, name),
    text,
    look: { is: 'flag', shape, colour, name, back: false, fitsPhone: true },
  });
  const since = (day: Day) =>
    days.symptom_onset ? words.sinceOnset(dayNumber(day) - dayNumber(days.symptom_onset)) : '';
  const marks: Mark[] = [];
  if (days.symptom_onset) marks.push(flag(days.symptom_onset, 'pin', 'infected', words.onset, words.dayZero));
  if (days.tested_on) marks.push(flag(days.tested_on, 'test', '', words.test, since(days.tested_on)));
  if (days.reported_on) marks.push(flag(days.reported_on, 'page', '', words.report, since(days.reported_on)));
  if (days.died_on) marks.push(flag(days.died_on, 'cross', 'dead', words.death, since(days.died_on)));
  marks.sort((a, b) => a.column - b.column);
  return sideways(marks, scale.columns.length);
}

/** The window of infection widens the ruler only where each day still has a column; else its bar begins at the edge. */
function withIncubation(known: Day[], incubation: DayRange | null): Day[] {
  if (!incubation) return known;
  const numbers = [...known, incubation.first, incubation.last].map(dayNumber);
  const fits = Math.max(...numbers) - Math.min(...numbers) + MARGIN_DAYS + TODAY_WITHIN_DAYS / 2 <= DAY_COLUMNS;
  return fits ? [...known, incubation.first, incubation.last] : known;
}

/** Turns the words of each flag to the side where they have room, and says whether a phone has room for them too. */
function sideways(marks: Mark[], nColumns: number): Mark[] {
  const wide = placed(marks, TYPICAL_WIDTH_PX / nColumns, nColumns);
  const narrow = placed(marks, PHONE_WIDTH_PX / nColumns, nColumns);
  return marks.map((mark, i) => {
    if (mark.look.is !== 'flag') return mark;
    const side = wide[i] ?? 'none';
    const look = { ...mark.look, back: side === 'back', fitsPhone: side !== 'none' && narrow[i] === side };
    return { ...mark, look: { ...look, name: side === 'none' ? '' : look.name } };
  });
}

/** Returns on which side of each flag its words fit: not over the next flag, and not over the words before. */
function placed(marks: Mark[], columnPx: number, nColumns: number): ('after' | 'back' | 'none')[] {
  let taken = -1;
  return marks.map((mark, i) => {
    if (mark.look.is !== 'flag') return 'none';
    const room = Math.ceil((mark.look.name.length * LETTER_PX + SHAPE_PX) / columnPx);
    const next = marks[i + 1]?.column ?? nColumns;
    const side = next - mark.column > room ? 'after' : mark.column - taken > room ? 'back' : 'none';
    taken = side === 'after' ? mark.column + room : mark.column;
    return side;
  });
}

function bandOf(infectious: DayRange, days: RulerDays, scale: Scale, words: RulerWords) {
  return {
    ...scale.span(infectious),
    name: words.infectiousBand(infectious),
    rule: days.infectious_rule ? words.rule(days.infectious_rule) : '',
  };
}

/** Returns where somebody was exposed, or null where nobody noted it. */
export function placeOf(evidence: Evidence, words: Pick<RulerWords, 'setting'>): string | null {
  if (evidence.setting) return words.setting(evidence.setting);
  if (evidence.place) return evidence.place;
  return evidence.contact_kind ? words.setting(evidence.contact_kind) : null;
}

/** Returns where, or failing that how, somebody was exposed: the name of a lane. */
export function laneOf(evidence: Evidence, words: Pick<RulerWords, 'setting' | 'kind'>): string {
  const place = placeOf(evidence, words);
  if (place !== null) return place;
  const kind = words.kind(evidence.kind);
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

function pointsOf(forward: Exposures | null, words: RulerWords) {
  const dated: Point[] = [];
  const undated: Point[] = [];
  for (const person of forward?.items ?? []) {
    if (person.generation !== 1) continue;
    for (const evidence of person.evidence) {
      const { day } = evidence;
      const lastDay = evidence.last_day ?? day;
      const point = { lane: laneOf(evidence, words), points: evidence.points, person, evidence };
      if (day && lastDay) dated.push({ ...point, day, lastDay: lastDay < day ? day : lastDay });
      else undated.push({ ...point, day: '', lastDay: '' });
    }
  }
  return { dated, undated };
}

// Without minutes each day counts in full, so that an area is a number of person-days.
const isWithoutMinutes = (point: Point) => point.evidence.minutes === null;
const nDaysOf = (point: Point) => dayNumber(point.lastDay) - dayNumber(point.day) + 1;

// From the worst on: where a column has room for one shape, it is the first of these.
const LOOKS: Look[] = ['symptoms', 'missing', 'well'];

/** Returns a mark for each column with half days between the first entry and the last, and rows by what they look like. */
function diaryLane(slots: DiarySlot[], scale: Scale, words: RulerWords) {
  const columns = new Map<number, DiarySlot[]>();
  for (const slot of slots.toReversed()) {
    const column = scale.column(slot.day);
    columns.set(column, [...(columns.get(column) ?? []), slot]);
  }
  const diaryMarks: Mark[] = [];
  for (const [column, inside] of columns) {
    const looks = inside.map(lookOf).filter((look) => look !== null);
    const shown = scale.step === 1 ? looks : LOOKS.filter((look) => looks.includes(look)).slice(0, 1);
    const [first, last] = [inside[0], inside.at(-1)];
    if (!first || !last || shown.length === 0) continue;
    const title =
      first.day === last.day
        ? words.onDay(first.day, words.laneDiary)
        : words.barTitle({ first: first.day, last: last.day }, words.laneDiary);
    const counts = LOOKS.map((look) => ({ look, n: looks.filter((one) => one === look).length }));
    const counted = counts.filter(({ n }) => n).map(({ look, n }) => `${words.diaryLooks[look]}: ${words.nSlots(n)}`);
    const text = (scale.step === 1 ? inside.map(words.diarySlot) : counted).join('. ');
    diaryMarks.push({
      lane: DIARY_LANE,
      column,
      span: 1,
      title,
      text,
      look: { is: 'diary', shapes: shown.map(shapeOf) },
    });
  }
  const looks = LOOKS.filter((look) => slots.some((slot) => lookOf(slot) === look));
  const diaryRows = looks.map((look) => {
    const alike = slots.filter((slot) => lookOf(slot) === look);
    const days = [...new Set(alike.map((slot) => dayNumber(slot.day)))].sort((a, b) => a - b);
    return {
      when: words.list(spansOf(days).map((span) => words.days(span))),
      what: words.laneDiary,
      words: `${words.diaryLooks[look]}: ${words.nSlots(alike.length)}`,
      from: words.fromDiary,
      sort: days[0] ?? 0,
    };
  });
  return { diaryMarks, diaryRows, looks };
}

/** Returns days that follow each other as spans. */
function spansOf(days: number[]): DayRange[] {
  const spans: [number, number][] = [];
  for (const day of days) {
    const last = spans.at(-1);
    if (last && day === last[1] + 1) last[1] = day;
    else spans.push([day, day]);
  }
  return spans.map(([first, last]) => ({ first: toDay(first), last: toDay(last) }));
}

type Cell = {
  points: number;
  persons: Map<string, Exposed>;
  evidence: Evidence[];
  outside: boolean;
  first: Day;
  last: Day;
};
type ContactLane = { name: string; heightPx: number; marks: Mark[]; row: TableRow };

function contactLanes(
  dated: Point[],
  undated: Point[],
  days: RulerDays,
  scale: Scale,
  words: RulerWords,
): ContactLane[] {
  const byLane = new Map<string, { cells: Map<number, Cell>; points: number; dated: Point[]; undated: Point[] }>();
  const weight = new Map<string, number>();
  for (const point of [...dated, ...undated]) {
    weight.set(point.lane, (weight.get(point.lane) ?? 0) + point.points);
  }
  const largest = [...weight].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const own = new Set(largest.length > MOST_LANES ? largest.slice(0, MOST_LANES - 1) : largest);
  const laneFor = (name: string) => {
    const key = own.has(name) ? name : words.otherPlaces;
    let lane = byLane.get(key);
    if (!lane) {
      lane = { cells: new Map(), points: 0, dated: [], undated: [] };
      byLane.set(key, lane);
    }
    return lane;
  };
  for (const point of dated) {
    const lane = laneFor(point.lane);
    lane.points += point.points;
    lane.dated.push(point);
    addToCells(lane.cells, point, days.infectious, scale);
  }
  for (const point of undated) {
    const lane = laneFor(point.lane);
    lane.points += point.points;
    lane.undated.push(point);
  }
  const most = Math.max(
    0,
    ...[...byLane.values()].flatMap((lane) => [...lane.cells.values()].map((cell) => cell.points)),
  );
  const factor = Math.min(ONE_NAMED_PX / Math.sqrt(ONE_NAMED), LARGEST_PX / Math.sqrt(most || 1));
  return [...byLane]
    .sort((a, b) => b[1].points - a[1].points)
    .map(([name, lane]) => {
      const discs = [...lane.cells]
        .sort((a, b) => a[0] - b[0])
        .map(([column, cell]) => disc(column, cell, name, factor, days, words));
      const marks = lane.undated.length ? [undatedBar(name, lane.undated, days, scale, words), ...discs] : discs;
      const largestPx = Math.max(0, ...discs.map((mark) => (mark.look.is === 'disc' ? mark.look.sizePx : 0)));
      return {
        name,
        heightPx: Math.max(28, Math.min(36, largestPx + 2)),
        marks,
        row: laneRow(name, [...lane.dated, ...lane.undated], lane.dated, words),
      };
    });
}

function addToCells(cells: Map<number, Cell>, point: Point, infectious: DayRange | null, scale: Scale) {
  const from = dayNumber(point.day);
  const to = Math.min(dayNumber(point.lastDay), from + 400);
  const share = isWithoutMinutes(point) ? point.points : point.points / (to - from + 1);
  for (let number = from; number <= to; number += 1) {
    const day = toDay(number);
    const column = scale.column(day);
    const outside = infectious ? day < infectious.first || day > infectious.last : point.person.outside;
    let cell = cells.get(column);
    if (!cell) {
      cell = { points: 0, persons: new Map(), evidence: [], outside: true, first: day, last: day };
      cells.set(column, cell);
    }
    cell.points += share;
    cell.persons.set(point.person.person_id, point.person);
    cell.evidence.push(point.evidence);
    cell.outside &&= outside;
    if (day < cell.first) cell.first = day;
    if (day > cell.last) cell.last = day;
  }
}

function disc(column: number, cell: Cell, lane: string, factor: number, days: RulerDays, words: RulerWords): Mark {
  const persons = [...cell.persons.values()];
  const nCases = persons.filter((person) => person.case).length;
  const range = { first: cell.first, last: cell.last };
  return {
    lane: 0,
    column,
    span: 1,
    title: words.contactDay(range, days.symptom_onset ? dayNumber(cell.first) - dayNumber(days.symptom_onset) : null),
    text: words.exposedThere(persons, lane, nCases, cell.outside, isByLineList(cell)),
    look: {
      is: 'disc',
      sizePx: Math.round(Math.max(SMALLEST_PX, Math.min(LARGEST_PX, factor * Math.sqrt(cell.points)))),
      n: persons.length,
      outside: cell.outside,
    },
  };
}

// Evidence without a day is always counted, so it stands over all days on which it may have been.
function undatedBar(name: string, points: Point[], days: RulerDays, scale: Scale, words: RulerWords): Mark {
  const persons = [...new Map(points.map((point) => [point.person.person_id, point.person])).values()];
  const nColumns = scale.columns.length;
  const at = days.infectious ? scale.span(days.infectious) : { column: 0, span: nColumns };
  return {
    lane: 0,
    ...at,
    title: words.undatedTitle(persons.length),
    text: words.exposedThere(persons, name, persons.filter((person) => person.case).length, false, false),
    look: { is: 'bar', name: words.undated(persons.length), dashed: true },
  };
}

function laneRow(name: string, all: Point[], dated: Point[], words: RulerWords): TableRow {
  const persons = new Set(all.map((point) => point.person.person_id)).size;
  const points = all.reduce((sum, point) => sum + point.points, 0);
  const first = dated.reduce<Day | null>((day, point) => (!day || point.day < day ? point.day : day), null);
  const last = dated.reduce<Day | null>((day, point) => (!day || point.lastDay > day ? point.lastDay : day), null);
  const kinds = [...new Set(all.map((point) => point.evidence.kind))].map(words.kind);
  return {
    when: first && last ? words.days({ first, last }) : words.noDay,
    what: words.contactsAt(name),
    words: all.every((point) => point.day && isWithoutMinutes(point))
      ? words.peopleAndDays(
          persons,
          dated.reduce((sum, point) => sum + nDaysOf(point), 0),
        )
      : words.peopleAndMinutes(persons, points),
    from: words.list(
      isByLineList({ evidence: dated.map((point) => point.evidence) }) ? [...kinds, words.byLineList] : kinds,
    ),
    sort: first ? dayNumber(first) : Number.MAX_SAFE_INTEGER,
  };
}

function windows(days: RulerDays, backward: Exposures | null, scale: Scale, words: RulerWords) {
  const bars: { lane: string; mark: Mark; row: TableRow }[] = [];
  const rowsOnly: TableRow[] = [];
  const add = (
    range: DayRange,
    lane: string,
    name: string,
    text: string,
    dashed: boolean,
    from: string,
    order = false,
  ) => {
    // A window that ended before the ruler begins stands in the table only.
    if (range.last < scale.first) {
      rowsOnly.push({ when: words.days(range), what: name, words: text, from, sort: dayNumber(range.first) });
      return;
    }
    const at = scale.span(range);
    const title = words.barTitle(range, name);
    bars.push({
      lane,
      mark: { lane: 0, ...at, title, text, look: { is: 'bar', name, dashed, order } },
      row: { when: words.days(range), what: name, words: text, from, sort: dayNumber(range.first) },
    });
  };
  if (days.exposed_first || days.exposed_last) {
    const first = days.exposed_first ?? (days.exposed_last as Day);
    const last = days.exposed_last ?? first;
    const source = backward?.items[0];
    const text = source ? words.exposedTo(source) : words.ownExposure;
    add({ first, last: last < first ? first : last }, words.laneExposed, words.exposed, text, false, words.fromCase);
  }
  if (days.incubation) {
    const text = [days.incubation_rule, days.incubation_source].filter(Boolean).join('. ');
    add(days.incubation, words.laneIncubation, words.mayBeInfected, text, true, words.fromRule);
  }
  const { order } = days;
  if (order) {
    add(order.days, order.lane, order.name, order.text, false, order.from, true);
    const { proposed } = order;
    if (proposed) add(proposed.days, proposed.lane, proposed.name, proposed.text, true, proposed.from);
  }
  return { bars, rowsOnly };
}

function dateRows(days: RulerDays, words: RulerWords): TableRow[] {
  const rows: TableRow[] = [];
  const add = (day: Day | null, what: string, text: string) => {
    if (day) rows.push({ when: words.day(day), what, words: text, from: words.fromCase, sort: dayNumber(day) });
  };
  const since = (day: Day | null) =>
    day && days.symptom_onset ? words.sinceOnset(dayNumber(day) - dayNumber(days.symptom_onset)) : '';
  add(days.symptom_onset, words.onset, words.dayZero);
  add(days.tested_on, words.test, since(days.tested_on));
  add(days.reported_on, words.report, since(days.reported_on));
  add(days.died_on, words.death, since(days.died_on));
  if (days.infectious) {
    const n = dayNumber(days.infectious.last) - dayNumber(days.infectious.first) + 1;
    rows.push({
      when: words.days(days.infectious),
      what: words.laneInfectious,
      words: `${words.nDays(n)}. ${days.infectious_rule ?? ''}`,
      from: days.infectious_source ?? words.fromRule,
      sort: dayNumber(days.infectious.first) + 0.5,
    });
  }
  return rows;
}
