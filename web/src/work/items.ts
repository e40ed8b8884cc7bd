// What must be looked at, as a shape and words. The words are those of the catalogue; here is what goes into them.

import type { Call, CaseType, Item } from '../api/types.ts';
import { isDay } from '../days/days.ts';
import { slotOf } from '../diary/diary.ts';
import type { ShapeName } from '../look/shapes.ts';
import { say, t } from '../words/words.svelte.ts';

/** The kinds in the order in which they are offered as a filter. */
export const KINDS = [
  'suspicious_symptom',
  'first_characteristic_symptom',
  'increased_temperature',
  'initial_call',
  'call_back',
  'details_missing',
  'wrong_contact_details',
  'registration_unfinished',
  'quarantine_ending',
  'diary_entry_missing',
  'message_from_patient',
  'exposure_found',
  'hand_over_refused',
  'stays_shared',
  'guest_list_released',
  'guest_list_declined',
] as const;
export type Kind = (typeof KINDS)[number];

type Seen = { kind: string; category: string };

/** Returns the shape beside the words, and the state whose colour it has. */
export function shapeOf({ kind, category }: Seen): { name: ShapeName; is: string } {
  if (category === 'medical') return { name: 'triangle', is: 'medical' };
  if (kind === 'details_missing') return { name: 'squareo', is: 'missing' };
  if (kind === 'diary_entry_missing') return { name: 'dashring', is: 'missing' };
  if (kind === 'message_from_patient') return { name: 'mail', is: 'message' };
  return { name: 'clock', is: 'process' };
}

/** Returns the details that a cause names: `phone,born` are two. */
export function missingOf(item: Pick<Item, 'kind' | 'cause'>): string[] {
  return item.kind === 'details_missing' ? item.cause.split(',').filter(Boolean) : [];
}

/** Returns the field of the form that the first missing detail is typed into. */
export function fieldOf(missing: string): string {
  return missing === 'email_or_address' ? 'email' : missing;
}

export type About = { case_type: CaseType; calls: (Pick<Call, 'call_id' | 'call_back_at'> | null)[] };

/** Returns what an item says: what it is, and of its cause what helps. */
export function itemWords(
  item: Pick<Item, 'kind' | 'cause'>,
  about: About,
  { items, missing } = t().work,
  write: Pick<typeof say, 'day' | 'moment' | 'list'> = say,
  diary?: Pick<ReturnType<typeof t>['diary'], 'missing' | 'slot' | 'parts'>,
): string {
  switch (item.kind) {
    case 'details_missing':
      return items.missing(write.list(missingOf(item).map((one) => missing[one] ?? one)));
    case 'quarantine_ending':
      return items.ended(about.case_type === 'index', isDay(item.cause) ? write.day(item.cause) : null);
    case 'call_back': {
      const at = about.calls.find((call) => call?.call_id === item.cause)?.call_back_at;
      return items.callBack(at ? write.moment(at) : null);
    }
    case 'diary_entry_missing': {
      const slot = slotOf(item.cause);
      const words = diary ?? t().diary;
      return slot
        ? words.missing(words.slot(write.day(slot.day), words.parts[slot.part]))
        : (items.kinds[item.kind] ?? '');
    }
    default:
      return items.kinds[item.kind] ?? item.kind.replaceAll('_', ' ');
  }
}

/** Gathers the diary entries that are missing into the first of them, with how many there are. */
export function gathered<T extends Pick<Item, 'kind'>>(items: T[]): { item: T; n: number }[] {
  const missing = items.filter((item) => item.kind === 'diary_entry_missing');
  const shown = items.filter((item) => item.kind !== 'diary_entry_missing' || item === missing[0]);
  return shown.map((item) => ({ item, n: item === missing[0] ? missing.length : 1 }));
}
