// Which rows are selected: some by hand, or all that match.

import type { CaseRow } from '../api/types.ts';

export class Selection {
  /** All that match the filter, also those that were never read. */
  all = $state(false);
  #rows = $state.raw<ReadonlyMap<string, CaseRow>>(new Map());
  #last: number | null = null;

  readonly isEmpty = $derived(!this.all && this.#rows.size === 0);
  readonly size = $derived(this.#rows.size);

  has(id: string | undefined): boolean {
    return this.all || (id !== undefined && this.#rows.has(id));
  }

  rows(): CaseRow[] {
    return [...this.#rows.values()];
  }

  takeAll() {
    this.all = true;
    this.#rows = new Map();
  }

  clear() {
    this.all = false;
    this.#rows = new Map();
    this.#last = null;
  }

  /** Ticks or unticks a row; with `range`, ticks all from the last one on that were read. */
  tick(index: number, range: boolean, at: (index: number) => CaseRow | null) {
    const rows = new Map(this.all ? [] : this.#rows);
    const from = range && this.#last !== null ? this.#last : index;
    const [first, last] = from < index ? [from, index] : [index, from];
    for (let i = first; i <= last; i += 1) {
      const row = at(i);
      if (!row) continue;
      if (!range && rows.has(row.case_id)) rows.delete(row.case_id);
      else rows.set(row.case_id, row);
    }
    this.all = false;
    this.#rows = rows;
    this.#last = index;
  }
}
