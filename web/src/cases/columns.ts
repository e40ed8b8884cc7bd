// The columns of the case list, and what each says of a case.

import type { CaseRow } from '../api/types.ts';
import type { Sort } from '../filters/filters.ts';
import { say, t } from '../words/words.svelte.ts';

export const COLUMNS = [
  'person',
  'age',
  'classification',
  'disease',
  'onset',
  'tested',
  'reported',
  'died',
  'outcome',
  'place',
  'setting',
  'infectious',
  'created',
  'type',
  'status',
  'assigned',
  'quarantine',
  'ruler',
] as const;
export type Column = (typeof COLUMNS)[number];

export const FIRST_COLUMNS: Column[] = ['person', 'age', 'classification', 'onset', 'reported', 'place', 'ruler'];

export const SORT_OF: Partial<Record<Column, Sort>> = {
  person: 'name',
  onset: 'onset',
  reported: 'reported',
  created: 'created',
};

const WIDTHS: Record<Column, string> = {
  person: 'minmax(144px, 1.7fr)',
  age: '120px',
  classification: '132px',
  disease: '96px',
  onset: '104px',
  tested: '104px',
  reported: '104px',
  died: '104px',
  outcome: 'minmax(72px, .6fr)',
  place: 'minmax(88px, 1.5fr)',
  setting: 'minmax(80px, 1fr)',
  infectious: 'minmax(96px, 1fr)',
  created: '128px',
  type: 'minmax(88px, 1fr)',
  status: 'minmax(88px, 1fr)',
  assigned: 'minmax(80px, 1fr)',
  quarantine: '104px',
  ruler: '112px',
};

/** Returns the grid of a row with these columns; the first is the tick. */
export function gridOf(columns: Column[]): string {
  return ['20px', ...columns.map((column) => WIDTHS[column])].join(' ');
}

const day = (value: string | null) => (value ? say.dayNarrow(value) : '');

/** Returns what a column says of a case, in words; an empty text where it isn't known. */
export function cellText(row: CaseRow, column: Column): string {
  switch (column) {
    case 'person':
    case 'ruler':
      return '';
    case 'age':
      return [row.sex ? t().sex(row.sex) : null, row.age].filter((part) => part !== null).join(', ');
    case 'classification':
      return t().classifications[row.classification];
    case 'disease':
      return t().disease(row.disease);
    case 'onset':
      return day(row.symptom_onset);
    case 'tested':
      return day(row.tested_on);
    case 'reported':
      return day(row.reported_on);
    case 'died':
      return day(row.died_on);
    case 'outcome':
      return row.outcome ? t().outcome(row.outcome) : '';
    case 'place':
      return row.place?.name ?? '';
    case 'setting':
      return row.setting ? t().setting(row.setting) : '';
    case 'infectious':
      return row.infectious ? say.days(row.infectious, say.dayShort) : '';
    case 'created':
      return say.instant(row.created_at);
    case 'type':
      return t().work.types[row.case_type];
    case 'status':
      return t().work.statuses[row.status];
    case 'assigned':
      return row.assignee ?? '';
    case 'quarantine':
      return day(row.quarantine?.last ?? null);
  }
}

// Columns that hold no personal field: what may leave as a file from here.
const CLEAR: [string, (row: CaseRow) => string | null][] = [
  ['reference', (row) => row.reference],
  ['disease', (row) => row.disease],
  ['classification', (row) => row.classification],
  ['sex', (row) => row.sex],
  ['symptom_onset', (row) => row.symptom_onset],
  ['tested_on', (row) => row.tested_on],
  ['reported_on', (row) => row.reported_on],
  ['died_on', (row) => row.died_on],
  ['outcome', (row) => row.outcome],
  ['setting', (row) => row.setting],
  ['place', (row) => row.place?.name ?? null],
  ['infectious_first', (row) => row.infectious?.first ?? null],
  ['infectious_last', (row) => row.infectious?.last ?? null],
  ['case_type', (row) => row.case_type],
  ['status', (row) => row.status],
  ['quarantine_first', (row) => row.quarantine?.first ?? null],
  ['quarantine_last', (row) => row.quarantine?.last ?? null],
];

export const clearHeader = (): string[] => CLEAR.map(([name]) => name);
export const clearCells = (row: CaseRow): string[] => CLEAR.map(([, value]) => value(row) ?? '');
