// Settings of a rule set, as a reader meets them: in groups, with words for their values.

import type { RuleSetting, RuleSetVersion } from '../api/types.ts';
import { say, t } from '../words/words.svelte.ts';

export type Group = 'infectious' | 'orders' | 'looked' | 'close' | 'work';

const GROUPS: Record<Group, string[]> = {
  infectious: ['days_before_onset', 'days_after_onset', 'incubation_max_days'],
  orders: ['isolation_days', 'quarantine_days', 'follow_up_days', 'same_infection_days'],
  looked: ['contact_temperature_c', 'index_temperature_c'],
  close: ['close_contact', 'room_safe_after_min'],
  work: [],
};

/** Returns the group of a setting; one that came later than this page still has a place. */
export function groupOf(setting: Pick<RuleSetting, 'key' | 'kind'>): Group {
  const named = (Object.keys(GROUPS) as Group[]).find((group) => GROUPS[group].includes(setting.key));
  return named ?? (setting.kind === 'yes_no' ? 'work' : 'close');
}

/** Returns the settings by group, in the order of the server. */
export function inGroups(settings: RuleSetting[]): { group: Group; settings: RuleSetting[] }[] {
  return (Object.keys(GROUPS) as Group[])
    .map((group) => ({ group, settings: settings.filter((one) => groupOf(one) === group) }))
    .filter(({ settings }) => settings.length > 0);
}

/** Returns a value in words: "2 days", "yes", the guideline. */
export function inWords(setting: RuleSetting | undefined, value: string): string {
  if (setting?.kind === 'yes_no') return value === 'yes' ? t().rules.yes : t().rules.no;
  if (setting?.kind === 'preset') return value === 'of_the_day' ? t().rules.ofTheDay : value;
  const number = Number(value);
  if (!setting || Number.isNaN(number)) return value;
  const digits = value.split('.')[1]?.length ?? 0;
  return `${say.number(number, digits)} ${t().rules.unit(setting.unit, number)}`.trim();
}

/** Returns what differs from the version that a form began with, as the server wants it. */
export function changed(typed: Record<string, string>, base: RuleSetVersion): Record<string, string> {
  return Object.fromEntries(Object.entries(typed).filter(([key, value]) => value.trim() !== base.settings[key]));
}

/** Says whether a version that begins on a day, or since ever, reaches into the past. */
export function isPast(first: string | null, today: string): boolean {
  return first === null || first < today;
}
