// What an undo leaves where it is, as sentences; and what a merge moves.

import type { UndoneMerge } from '../api/types.ts';
import type { Words } from '../words/en.ts';

/** Rows that are no news to anybody: they follow from others. */
const QUIET = new Set(['history', 'person_redirect', 'case_redirect', 'distinct_person', 'outbox', 'message_log']);

/** Returns what is counted in words: "3 calls, 1 comment". Tables that people have no word for are left out. */
export function countWords(counts: Record<string, number>, words: Words): string {
  const parts = Object.entries(counts)
    .filter(([table, count]) => count > 0 && !QUIET.has(table) && words.duplicates.tables[table])
    .map(([table, count]) => words.duplicates.tables[table]?.(count) ?? '');
  return parts.join(', ');
}

/** Returns what stays with the person who stayed. */
export function leftWords(undone: UndoneMerge, words: Words): string[] {
  const sentences = [];
  const rows = countWords(undone.stays, words);
  if (rows) sentences.push(words.duplicates.stays(rows));
  if (undone.changed_since.length) {
    const names = undone.changed_since.map((name) => words.duplicates.column(name.split('.')[1] ?? name));
    sentences.push(words.duplicates.changedSince(names.join(', ')));
  }
  return sentences;
}
