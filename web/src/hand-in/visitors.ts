// Somebody on a list, as the server takes them, and what lacks of them.

import type { components } from '../api/schema.d.ts';

type Schemas = components['schemas'];
export type NewVisitor = Schemas['Visitor'] & { qualifiers: Schemas['Qualifier'][] };

export const TEXTS = [
  'first_name',
  'last_name',
  'phone',
  'email',
  'street',
  'house_number',
  'postcode',
  'city',
  'area',
  'seat',
  'group',
] as const;
export type Text = (typeof TEXTS)[number];

const LONGEST = 120;

export function nobody(id: string): NewVisitor {
  const texts = Object.fromEntries(TEXTS.map((name) => [name, null])) as Record<Text, null>;
  return { ...texts, visitor_id: id, from: null, until: null, qualifiers: [] };
}

export const nameOf = (one: NewVisitor) => [one.first_name, one.last_name].filter(Boolean).join(' ');

/** Returns the first field that must change; null where the server will take them, as far as can be seen here. */
export function wrongOf(one: NewVisitor): string | null {
  if (!one.first_name && !one.last_name) return 'last_name';
  const digits = (one.phone ?? '').replace(/\D/g, '').length;
  if (one.phone && (digits < 5 || digits > 17)) return 'phone';
  if (!one.phone && !one.email && !(one.street && one.city)) return 'phone';
  if (one.email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(one.email)) return 'email';
  return TEXTS.find((name) => (one[name] ?? '').length > LONGEST) ?? null;
}
