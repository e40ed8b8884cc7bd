// What is asked of the server for files that leave, each in one place.

import { BASE, download, get, post, remove, toSearch } from '../api/client.ts';
import type { CaseCount, Page, Workbook } from '../api/types.ts';
import { save } from '../files/save.ts';
import { asQuery, type Filter } from '../filters/filters.ts';
import { languageNow } from '../words/words.svelte.ts';

export type Delimiter = 'semicolon' | 'comma';
export type Selection = Filter & { decided_first?: string; decided_last?: string };

/** The address of a file, for a link: it is sent while it is read, however long it is. */
export const fileOf = (kind: string, selection: Selection, delimiter: Delimiter) => {
  const path = kind === 'line_list' ? '/line-list' : `/exports/${kind}`;
  return BASE + path + toSearch({ ...selection, language: languageNow(), delimiter });
};

export const workbookOf = (exportId: string) => `${BASE}/workbooks/${exportId}`;

export const countCases = (filter: Filter, signal?: AbortSignal) =>
  get<CaseCount>('/cases/count', asQuery(filter), signal);

export const readWorkbooks = (signal?: AbortSignal) => get<Page<Workbook>>('/workbooks', {}, signal);

export const askForWorkbook = (kind: string, selection: Selection) =>
  post<Workbook>('/workbooks', { kind, selection: { ...selection, language: languageNow() } });

export const deleteWorkbook = (exportId: string) => remove(`/workbooks/${exportId}`);

/** Saves cases that were selected one by one, with names. */
export async function saveSelected(caseIds: string[]) {
  const file = await download('/exports/cases/selected', { case_ids: caseIds, language: languageNow() });
  save(file, 'cases.csv', 'text/csv');
}
