// A contact that is being taken down, for as long as the page is open. Only in memory, since it is about somebody.

import type { ContactKind, NewContact } from '../api/types.ts';
import { forgetWithSession } from '../shell/session.svelte.ts';
import { newId } from '../work/uuid.ts';

export const TEXTS = ['first_name', 'last_name', 'mobile', 'phone', 'email', 'address', 'hint', 'remark'] as const;
export const TRAITS = ['is_health_staff', 'is_senior', 'has_condition'] as const;
export type TextField = (typeof TEXTS)[number];
export type Trait = (typeof TRAITS)[number];

export type Draft = {
  contact_id: string;
  person_id: string;
  case_id: string;
  kind: ContactKind | '';
  first_day: string;
  last_day: string;
  texts: Partial<Record<TextField, string>>;
  traits: Partial<Record<Trait, boolean>>;
};

/** Begins a contact. Who is taken down one after the other often met at one place on one day: these stay. */
export function fresh(before?: Draft): Draft {
  return {
    contact_id: newId(),
    person_id: newId(),
    case_id: newId(),
    kind: before?.kind ?? '',
    first_day: before?.first_day ?? '',
    last_day: before?.last_day ?? '',
    texts: {},
    traits: {},
  };
}

const kept = new Map<string, Draft>();
forgetWithSession(() => kept.clear());

export const draftOf = (caseId: string): Draft | null => kept.get(caseId) ?? null;

export function keepDraft(caseId: string, draft: Draft | null) {
  if (draft) kept.set(caseId, draft);
  else kept.delete(caseId);
}

export const isTyped = (draft: Draft): boolean =>
  Object.values(draft.texts).some((text) => text?.trim()) || Object.keys(draft.traits).length > 0;

/** Returns what is sent. One day alone is the first and the last. */
export function asContact(draft: Draft): NewContact {
  const said = Object.fromEntries(TEXTS.map((field) => [field, draft.texts[field]?.trim() || null]));
  const traits = Object.fromEntries(TRAITS.map((trait) => [trait, draft.traits[trait] ?? null]));
  return {
    contact_id: draft.contact_id,
    person_id: draft.person_id,
    person_is_known: false,
    case_id: draft.case_id,
    kind: draft.kind,
    first_day: draft.first_day || draft.last_day,
    last_day: draft.last_day || draft.first_day,
    said: { ...said, ...traits } as NewContact['said'],
  };
}
