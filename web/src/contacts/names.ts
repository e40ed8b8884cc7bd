// How somebody is called of whom not everything was said: "? Meier", "Peter ?", the hint, or nobody's name at all.

import type { Said } from '../api/types.ts';
import { t } from '../words/words.svelte.ts';

type Named = Pick<Said, 'first_name' | 'last_name'> & { hint?: string | null };

export function saidName(said: Named | null): string {
  if (!said) return t().contacts.locked;
  if (said.first_name || said.last_name) return `${said.first_name ?? '?'} ${said.last_name ?? '?'}`;
  return said.hint ?? t().contacts.unknown;
}

/** Returns a number or an address at which they can be reached, and what else was said of them. */
export function saidWords(said: Said | null): string[] {
  if (!said) return [];
  const named = said.first_name || said.last_name;
  const traits = (['is_health_staff', 'is_senior', 'has_condition'] as const).filter((trait) => said[trait]);
  return [
    named ? said.hint : null,
    said.address,
    said.email,
    ...traits.map((trait) => t().contacts.traits[trait]),
    said.remark,
  ].filter((one): one is string => !!one);
}
