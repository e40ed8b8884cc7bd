// Which column is which field: what was guessed, what was chosen, and what is still missing.

import type { ColumnChoice, ImportField, ImportSettings, Preview } from '../api/types.ts';

/** The field of each column, by its position; null is not used. */
export type Chosen = (string | null)[];

/** Returns what was chosen before, else what the server guessed. */
export function firstChoice(preview: Preview, before: ImportSettings | null): Chosen {
  const columns = before?.columns ?? preview.guess;
  const chosen: Chosen = Array.from({ length: preview.n_columns }, () => null);
  for (const { field, column } of columns) if (column < chosen.length) chosen[column] = field;
  return chosen;
}

/** Returns the choice with a field on one column, taken away from any other: a field has one column. */
export function choose(chosen: Chosen, column: number, field: string | null): Chosen {
  return chosen.map((now, i) => (i === column ? field : now === field ? null : now));
}

export function asColumns(chosen: Chosen): ColumnChoice[] {
  return chosen.flatMap((field, column) => (field === null ? [] : [{ field, column }]));
}

/** Returns the required fields that no column has yet. */
export function missing(chosen: Chosen, fields: ImportField[]): string[] {
  return fields.filter((field) => field.required && !chosen.includes(field.name)).map((field) => field.name);
}

/** Returns a few different values of a column, to recognise it by. */
export function samples(rows: string[][], column: number, n: number): string[] {
  const seen = new Set<string>();
  for (const row of rows) {
    const value = row[column]?.trim();
    if (value) seen.add(value);
    if (seen.size === n) break;
  }
  return [...seen];
}
