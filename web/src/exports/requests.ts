// What is asked of the server for files that leave, each in one place.

import { BASE, download, get, post, remove, toSearch } from '../api/client.ts';
import type { CaseCount, Page, Workbook } from '../api/types.ts';
import { save } from '../files/save.ts';
import { asQuery, type Filter } from '../filters/filters.ts';
import { languageNow } from '../words/words.svelte.ts';

export type Delimiter = 'semicolon' | 'comma';
export type Selection = Filter & { decided_first?: string; decided_last?: string };

/** What can be had: whether it follows the list's filter by itself, and whether as a workbook too. */
export const KINDS = [
  { kind: 'cases', filtered: true, workbook: true },
  { kind: 'line_list', filtered: true, workbook: true },
  { kind: 'quarantines', filtered: false, workbook: true },
  { kind: 'contacts_without_quarantine', filtered: false, workbook: true },
  { kind: 'external', filtered: false, workbook: true },
  { kind: 'sormas', filtered: true, workbook: false },
  { kind: 'sormas_contacts', filtered: true, workbook: false },
  { kind: 'fhir', filtered: true, workbook: false },
  { kind: 'template', filtered: false, workbook: false },
];

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

/** Has the browser fetch a file, which is sent while it is read. */
export function fetchFile(kind: string, selection: Selection, delimiter: Delimiter) {
  const link = document.createElement('a');
  link.href = fileOf(kind, selection, delimiter);
  link.download = '';
  link.click();
}

/** Saves cases that were selected one by one. */
export async function saveSelected(kind: string, caseIds: string[], delimiter: Delimiter) {
  const path = kind === 'line_list' ? '/line-list/selected' : `/exports/${kind}/selected`;
  const file = await download(path, { case_ids: caseIds, language: languageNow(), delimiter });
  save(file, kind === 'fhir' ? 'fhir.json' : `${kind}.csv`, kind === 'fhir' ? 'application/fhir+json' : 'text/csv');
}
