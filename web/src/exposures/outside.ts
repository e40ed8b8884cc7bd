// Whether an exposure lies where the case could not infect anybody, as far as its days are known.

import type { DayRange, Exposed } from '../api/types.ts';

/** Says whether every known day of somebody's exposure lies outside the infectious days of the case. */
export function isOutside(person: Exposed, infectious: DayRange | null): boolean {
  if (person.outside) return true;
  if (!infectious || person.generation !== 1 || !person.first_day) return false;
  const last = person.last_day ?? person.first_day;
  return last < infectious.first || person.first_day > infectious.last;
}

/** Says whether the days are those of the line list, because no evidence has a day of its own. */
export function isByLineList({ evidence }: Pick<Exposed, 'evidence'>): boolean {
  const dated = evidence.filter((one) => one.day);
  return dated.length > 0 && dated.every((one) => one.days_from === 'line_list');
}
