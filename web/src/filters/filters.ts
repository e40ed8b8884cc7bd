// Which cases are meant. A filter is read from the address and written to it; it holds ids and clear
// columns only, so that a link can be sent.

import type { Query } from '../api/client.ts';
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
] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];
export type Filter = Partial<Record<FilterKey, string>>;

const DAYS: FilterKey[] = ['onset_first', 'onset_last', 'reported_first', 'reported_last'];

/** Returns the filter of an address. A day that doesn't exist is left out. */
export function filterOf(query: URLSearchParams): Filter {
  const filter: Filter = {};
  for (const key of FILTER_KEYS) {
    const value = query.get(key);
    if (value && (!DAYS.includes(key) || isDay(value))) filter[key] = value;
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
