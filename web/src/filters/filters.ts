// Which cases are meant. A filter is read from the address and written to it; it holds ids and clear
// columns only, so that a link can be sent.

import type { Query } from '../api/client.ts';
import type { CaseStatus, CaseType } from '../api/types.ts';
import { isDay } from '../days/days.ts';

export const FILTER_KEYS = [
  'disease',
  'classification',
  'place',
  'setting',
  'outcome',
  'sex',
  'onset_first',
  'onset_last',
  'reported_first',
  'reported_last',
  'case_type',
  'status',
  'assigned',
  'quarantined_on',
  'quarantine_ends_first',
  'quarantine_ends_last',
  'postcode',
  'tested_first',
  'tested_last',
] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];
export type Filter = Partial<Record<FilterKey, string>>;

/** What the report of an outbreak can be filtered by. */
export const OUTBREAK_KEYS: FilterKey[] = [
  'disease',
  'classification',
  'place',
  'setting',
  'onset_first',
  'onset_last',
];

export const TYPES: CaseType[] = ['index', 'contact', 'contact_medical', 'contact_vulnerable'];
export const STATUSES: CaseStatus[] = [
  'open',
  'tracked_manually',
  'in_registration',
  'registered',
  'tracking',
  'external',
  'concluded',
  'handed_over',
  'anonymised',
];

/** Returns where cases may stand, as an address says it. */
export const statusesOf = (text: string | undefined): CaseStatus[] => {
  const words = text?.split(',') ?? [];
  return STATUSES.filter((one) => words.includes(one));
};

/** Returns a postcode, or with * behind it how postcodes begin; null where a text is neither. */
export function postcodeOf(text: string): string | null {
  const postcode = text.trim();
  return /^[A-Za-z0-9 -]{1,12}\*?$/.test(postcode) ? postcode : null;
}

const READ: Partial<Record<FilterKey, (value: string) => string | null>> = {
  case_type: (value) => TYPES.find((one) => one === value) ?? null,
  status: (value) => statusesOf(value).join(',') || null,
  postcode: postcodeOf,
};
const dayOf = (value: string) => (isDay(value) ? value : null);
const isOfDays = (key: FilterKey) => /_(first|last|on)$/.test(key);

/** Returns the filter of an address. What doesn't exist, such as 30 February, is left out. */
export function filterOf(query: URLSearchParams, keys: readonly FilterKey[] = FILTER_KEYS): Filter {
  const filter: Filter = {};
  for (const key of keys) {
    const value = query.get(key);
    const read = isOfDays(key) ? dayOf : READ[key];
    const known = value && read ? read(value) : value;
    if (known) filter[key] = known;
  }
  return filter;
}

export const SORTS = ['reported', 'onset', 'created', 'name'] as const;
export type Sort = (typeof SORTS)[number];
export type Order = 'asc' | 'desc';

/** Returns the order of a list: the newest report first, unless the address says otherwise. */
export function sortOf(query: URLSearchParams): { sort: Sort; order: Order } {
  const sort = SORTS.find((one) => one === query.get('sort')) ?? 'reported';
  const order = query.get('order');
  if (order === 'asc' || order === 'desc') return { sort, order };
  return { sort, order: sort === 'name' ? 'asc' : 'desc' };
}

/** Returns the changes of the address that a click on a column's head means. */
export function sortBy(column: Sort, now: { sort: Sort; order: Order }): Record<string, string> {
  if (column === now.sort) return { sort: column, order: now.order === 'asc' ? 'desc' : 'asc' };
  return { sort: column, order: column === 'name' ? 'asc' : 'desc' };
}

/** Returns the changes that take every part of a filter away. */
export function withoutFilter(): Record<string, null> {
  return Object.fromEntries(FILTER_KEYS.map((key) => [key, null]));
}

export function isFiltered(filter: Filter): boolean {
  return Object.keys(filter).length > 0;
}

export const asQuery = (filter: Filter): Query => ({ ...filter });
