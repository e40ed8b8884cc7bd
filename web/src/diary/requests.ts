// What is asked of the server for a diary.

import { get, post, put } from '../api/client.ts';
import type { Day, DayPart, DiaryEntry, DiaryPage, Instant } from '../api/types.ts';

const at = (caseId: string) => `/cases/${caseId}/diary`;

export type Told = {
  temperature_c: number | null;
  temperature_confirmed: boolean;
  symptoms: string[];
  contacts: string[];
  note: string | null;
};

export const readDiary = (caseId: string, before: Day | null, signal?: AbortSignal) =>
  get<DiaryPage>(at(caseId), { before }, signal);

export const writeEntry = (caseId: string, entryId: string, slot: { day: Day; part: DayPart }, told: Told) =>
  post<DiaryEntry>(at(caseId), { entry_id: entryId, day: slot.day, part: slot.part, ...told });

/** Changes an entry as it was seen: `seen` is when it had been changed last, null where never. */
export const changeEntry = (caseId: string, entryId: string, seen: Instant | null, told: Told) =>
  put<DiaryEntry>(`${at(caseId)}/${entryId}`, { seen, ...told });
