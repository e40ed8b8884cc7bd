// What is asked of the server about people who may be one, each in one place. What is typed stands in the body.

import { get, post, put, remove } from '../api/client.ts';
import type { Duplicates, Merge, MergePreview, Merges, Newcomers, Takes, UndoneMerge } from '../api/types.ts';
import type { Values } from '../details/fields.ts';

const at = (personId: string) => `/persons/${personId}`;

/** Returns what can be compared of what was typed; null where that is too little to find anybody by. */
export function draftOf(values: Values) {
  const text = (field: keyof Values) => values[field]?.trim() || null;
  const all = (...fields: (keyof Values)[]) => fields.map(text).filter((one): one is string => one !== null);
  const born = text('born');
  const draft = {
    first_name: text('first_name'),
    last_name: text('last_name'),
    born: born && /^\d{4}-\d{2}-\d{2}$/.test(born) ? born : null,
    phones: all('mobile', 'phone'),
    emails: all('email'),
    postcode: text('postcode'),
  };
  // Names alone find nobody: too many share them.
  const isNamed = draft.last_name && draft.born;
  return isNamed || draft.phones.length || draft.emails.length ? draft : null;
}

export const whoMayThisBe = (draft: NonNullable<ReturnType<typeof draftOf>>, signal: AbortSignal) =>
  post<Duplicates>('/persons/duplicates', draft, signal);

export const duplicatesOf = (personId: string, signal?: AbortSignal) =>
  get<Duplicates>(`${at(personId)}/duplicates`, {}, signal);

export const newcomers = (query: { from: string; until: string; after: string | null }, signal?: AbortSignal) =>
  get<Newcomers>('/possible-duplicates', query, signal);

export const markDistinct = (one: string, other: string) => put<void>(`${at(one)}/distinct/${other}`, {});
export const unmarkDistinct = (one: string, other: string) => remove(`${at(one)}/distinct/${other}`);

export const previewMerge = (kept: string, other: string, signal?: AbortSignal) =>
  post<MergePreview>(`${at(kept)}/merge/preview`, { other_id: other }, signal);

export type NewMerge = {
  merge_id: string;
  other_id: string;
  values: Record<string, Takes>;
  cases: { folded_case_id: string; values: Record<string, Takes> }[];
  /** The account that acts from then on, where both have one. */
  account: string | null;
  seen: MergePreview['seen'];
};
export const mergePersons = (kept: string, merge: NewMerge) => post<Merge>(`${at(kept)}/merge`, merge);
export const mergesOf = (personId: string, signal?: AbortSignal) => get<Merges>(`${at(personId)}/merges`, {}, signal);
export const undoMerge = (mergeId: string) => post<UndoneMerge>(`/merges/${mergeId}/undo`, {});
