import { expect, test } from 'vitest';
import type { DiarySlot, Evidence, Exposed, Exposures } from '../api/types.ts';
import { DIARY_LANE, type RulerDays, ruler, stepFor } from './ruler.ts';
import type { RulerWords } from './ruler-words.ts';

// Every word is its own name: what matters here is where things stand.
const words = new Proxy({} as RulerWords, {
  get: (_, name: string) => {
    if (name === 'setting' || name === 'kind') return (value: string) => value;
    if (name === 'diaryLooks') return { symptoms: 'symptoms', well: 'well', missing: 'missing' };
    if (/^(lane|onset|test|report|death|dayZero|exposed$|mayBe|own|from|noDay|other|byLineList)/.test(name))
      return name;
    return (...args: unknown[]) => `${name}(${args.map(String).join(', ')})`;
  },
});

const NOTHING: RulerDays = {
  symptom_onset: null,
  tested_on: null,
  reported_on: null,
  died_on: null,
  exposed_first: null,
  exposed_last: null,
  infectious: null,
  infectious_rule: null,
  infectious_source: null,
  incubation: null,
  incubation_rule: null,
  incubation_source: null,
};
const SK_14: RulerDays = {
  ...NOTHING,
  symptom_onset: '2015-05-17',
  tested_on: '2015-05-30',
  infectious: { first: '2015-05-17', last: '2015-05-31' },
};

function met(id: string, day: string | null, points: number, setting = 'Ward', last_day = day, minutes = 30): Exposed {
  const evidence = { kind: 'infection', day, last_day, days_from: 'line_list', points, setting, minutes } as Evidence;
  return { person_id: id, generation: 1, evidence: [evidence], first_day: day, last_day, case: null } as Exposed;
}
const named = (id: string, first: string, last: string) => ({
  ...met(id, first, 13.5, 'Ward', last),
  evidence: [{ ...met(id, first, 13.5, 'Ward', last).evidence[0], minutes: null } as Evidence],
});
const forward = (...items: Exposed[]) => ({ items }) as Exposures;

test('a ruler begins two days before the first day and ends three after today', () => {
  const model = ruler(SK_14, null, null, '2015-06-12', words);
  expect(model?.first).toBe('2015-05-15');
  expect(model?.last).toBe('2015-06-15');
  expect(model?.columns[model.today?.column ?? -1]?.first).toBe('2015-06-12');
});

test('years later, today is no longer on the ruler', () => {
  const model = ruler(SK_14, null, null, '2026-11-26', words);
  expect(model?.today).toBeNull();
  expect(model?.last).toBe('2015-06-03');
});

test('the infectious days are whole columns, first and last included', () => {
  const model = ruler(SK_14, null, null, '2015-06-12', words);
  expect(model?.band).toMatchObject({ column: 2, span: 15 });
});

test('people of one day and place are one disc with their number; more exposure is more area', () => {
  const model = ruler(
    SK_14,
    forward(met('a', '2015-05-27', 13.5), met('b', '2015-05-27', 40.5), met('c', '2015-05-28', 13.5)),
    null,
    '2015-06-12',
    words,
  );
  const discs = model?.marks.filter((mark) => mark.look.is === 'disc') ?? [];
  expect(discs.map((mark) => mark.look)).toEqual([
    { is: 'disc', sizePx: 13, n: 2, outside: false },
    { is: 'disc', sizePx: 9, n: 1, outside: false },
  ]);
});

test('without minutes a disc counts person-days: each person in full on each of their days', () => {
  const of = forward(named('a', '2015-05-26', '2015-05-27'), named('b', '2015-05-27', '2015-05-27'));
  const model = ruler(SK_14, of, null, '2015-06-12', words);
  const discs = model?.marks.filter((mark) => mark.look.is === 'disc') ?? [];
  expect(discs.map((mark) => mark.look.is === 'disc' && mark.look.n)).toEqual([1, 2]);
  expect(model?.has.personDays).toBe(true);
  expect(model?.table.some((row) => row.words === 'peopleAndDays(2, 3)')).toBe(true);
  expect(model?.table.some((row) => row.from.includes('byLineList'))).toBe(true);
});

test('contacts outside the infectious days are hollow', () => {
  const model = ruler(SK_14, forward(met('a', '2015-06-05', 13.5)), null, '2015-06-12', words);
  expect(model?.has.outside).toBe(true);
});

test('contacts without a day stand over all infectious days', () => {
  const model = ruler(SK_14, forward(met('a', null, 13.5)), null, '2015-06-12', words);
  const bar = model?.marks.find((mark) => mark.look.is === 'bar');
  expect(bar).toMatchObject({ column: 2, span: 15, look: { dashed: true } });
});

test('the smallest of many places share a lane', () => {
  const places = Array.from({ length: 9 }, (_, i) => met(`p${i}`, '2015-05-20', 10 + i, `Place ${i}`));
  const lanes = ruler(SK_14, forward(...places), null, '2015-06-12', words)?.lanes.filter(
    (lane) => lane.kind === 'contacts',
  );
  expect(lanes).toHaveLength(6);
  expect(lanes?.some((lane) => lane.name === 'otherPlaces')).toBe(true);
});

test('a long ruler has columns of two days, then weeks', () => {
  expect([45, 46, 90, 91, 800].map(stepFor)).toEqual([1, 2, 2, 7, 28]);
});

test('a person without a case has lanes for places only', () => {
  const model = ruler(NOTHING, forward(met('a', '2015-05-27', 13.5)), null, '2026-01-01', words);
  expect(model?.lanes.map((lane) => lane.kind)).toEqual(['contacts']);
  expect(model?.marks[0]?.lane).toBe(0);
});

test('a month that has only the last days of the ruler ends with it', () => {
  const months = ruler(
    { ...NOTHING, symptom_onset: '2015-05-20', tested_on: '2015-05-30' },
    null,
    null,
    '2026-01-01',
    words,
  );
  const ends = months?.columns.flatMap((column) => (column.month ? [[column.first, column.monthAtEnd]] : []));
  expect(ends?.at(-1)).toEqual(['2015-06-01', true]);
  expect(ends?.[0]?.[1]).toBe(false);
});

test('a month of a day or two leaves its name to the next, with the year', () => {
  const months = ruler({ ...NOTHING, symptom_onset: '2015-06-02' }, null, null, '2026-01-01', words)?.columns;
  const names = months?.flatMap((column) => (column.month ? [[column.month, column.monthFitsPhone]] : []));
  expect(names).toEqual([['month(2015-06-01, true)', true]]);
});

test('without any day there is no ruler', () => {
  expect(ruler(NOTHING, null, null, '2015-06-12', words)).toBeNull();
});

test('words of dates close together never lie over each other', () => {
  const close = { ...NOTHING, symptom_onset: '2015-05-17', tested_on: '2015-05-18', reported_on: '2015-05-19' };
  const flags = ruler(close, null, null, '2026-01-01', words)?.marks.map((mark) => mark.look) ?? [];
  expect(flags).toMatchObject([
    { name: 'onset', back: true },
    { name: '', fitsPhone: false },
    { name: 'report', back: false },
  ]);
  const apart = { ...NOTHING, symptom_onset: '2015-05-17', tested_on: '2015-06-01' };
  const far = ruler(apart, null, null, '2026-01-01', words)?.marks.map((mark) => mark.look) ?? [];
  expect(far).toMatchObject([
    { name: 'onset', back: false, fitsPhone: true },
    { name: 'test', fitsPhone: true },
  ]);
});

const ORDER = {
  lane: 'Isolation',
  name: 'Isolated until 12 June',
  text: 'Kim ordered it',
  from: 'Order',
  days: { first: '2015-05-30', last: '2015-06-12' },
  proposed: null,
};

test('an order is a bar of its own days, first and last included, and widens the ruler', () => {
  const model = ruler({ ...SK_14, order: ORDER }, null, null, '2015-06-01', words);
  const bar = model?.marks.find((mark) => mark.look.is === 'bar' && mark.look.order);
  expect([model?.columns[bar?.column ?? -1]?.first, bar?.span]).toEqual(['2015-05-30', 14]);
  expect(model?.last).toBe('2015-06-15');
  expect(model?.table.find((row) => row.what === ORDER.name)?.words).toBe(ORDER.text);
});

test('what the rules propose instead is a dashed bar in a lane of its own', () => {
  const proposed = {
    ...ORDER,
    lane: 'Proposed',
    name: 'until 16 June',
    days: { first: '2015-05-30', last: '2015-06-16' },
  };
  const model = ruler({ ...SK_14, order: { ...ORDER, proposed } }, null, null, '2015-06-01', words);
  const bars = model?.marks.filter((mark) => mark.look.is === 'bar') ?? [];
  expect(bars.map((bar) => [model?.lanes[bar.lane]?.name, bar.span, bar.look.is === 'bar' && bar.look.dashed])).toEqual(
    [
      ['Isolation', 14, false],
      ['Proposed', 18, true],
    ],
  );
});

// Newest first, as the server gives them.
const HALF_DAYS = (
  [
    ['2015-06-02', 'evening', 'missing', null],
    ['2015-06-02', 'morning', 'entered', []],
    ['2015-06-01', 'evening', 'missing', null],
    ['2015-06-01', 'morning', 'entered', ['cough']],
    ['2015-05-31', 'evening', 'entered', ['fever']],
    ['2015-05-31', 'morning', 'missing', null],
  ] as const
).map(
  ([day, part, state, symptoms]) => ({ day, part, state, entry: symptoms && { symptoms } }) as unknown as DiarySlot,
);

test('the diary stands above the axis, a mark for each day, with its gaps between the first entry and the last', () => {
  const model = ruler(SK_14, null, null, '2015-06-12', words, HALF_DAYS);
  const marks = model?.marks.filter((mark) => mark.lane === DIARY_LANE) ?? [];
  const shapes = marks.map((mark) => (mark.look.is === 'diary' ? mark.look.shapes.map((shape) => shape.name) : []));
  expect(shapes).toEqual([['triangle'], ['triangle', 'dashring'], ['squareo']]);
  expect(marks.map((mark) => model?.columns[mark.column]?.first)).toEqual(['2015-05-31', '2015-06-01', '2015-06-02']);
  expect(model?.lanes.map((lane) => lane.kind)).not.toContain('diary');
  const rows = model?.table.filter((row) => row.what === 'laneDiary').map((row) => [row.when, row.words]);
  expect(rows).toEqual([
    ['list(days([object Object]))', 'symptoms: nSlots(2)'],
    ['list(days([object Object]))', 'missing: nSlots(1)'],
    ['list(days([object Object]))', 'well: nSlots(1)'],
  ]);
});

test('where a column is several days it shows the worst of them', () => {
  const model = ruler({ ...SK_14, tested_on: '2015-09-01' }, null, null, '2026-11-26', words, HALF_DAYS);
  expect(model?.stepDays).toBeGreaterThan(1);
  const marks = model?.marks.filter((mark) => mark.lane === DIARY_LANE) ?? [];
  const shapes = marks.flatMap((mark) => (mark.look.is === 'diary' ? mark.look.shapes.map((shape) => shape.name) : []));
  expect(shapes).toEqual(['triangle', 'triangle']);
});

test('a case without a diary has no lane for one, and no ruler where nothing else is known', () => {
  expect(ruler(SK_14, null, null, '2015-06-12', words, [])?.has.diary).toEqual([]);
  expect(ruler(NOTHING, null, null, '2015-06-12', words, HALF_DAYS.slice(0, 1))).toBeNull();
});
