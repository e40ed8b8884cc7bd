// The people who wait, read page by page. Reading again keeps the person at hand where they are, also once nothing of
// theirs waits: somebody may still be on the telephone with them.

import { get, type Query } from '../api/client.ts';
import { asProblem, type Problem } from '../api/problem.ts';
import type { WorklistCount, WorklistPage, WorklistRow } from '../api/types.ts';

const PAGE = 50;
const MOST = 200;
const RETRY_MS = 5_000;

export class WorkRows {
  rows = $state.raw<WorklistRow[]>([]);
  /** Where the next page begins; null at the end. */
  next = $state.raw<string | null>(null);
  count = $state.raw<WorklistCount | null>(null);
  problem = $state.raw<Problem | null>(null);
  asOf = $state.raw<Date | null>(null);
  namesLocked = $state(false);
  reading = $state(false);

  #query: Query;
  #stop = new AbortController();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(query: Query) {
    this.#query = query;
  }

  end() {
    clearTimeout(this.#retry);
    this.#stop.abort();
  }

  /** Reads from the beginning, as many as were there. `held` stays even if they wait no more. */
  read = async (held: string | null = null): Promise<void> => {
    clearTimeout(this.#retry);
    this.#asked += 1;
    const mine = this.#asked;
    const limit = Math.min(MOST, Math.max(PAGE, Math.ceil(this.rows.length / PAGE) * PAGE));
    try {
      const { signal } = this.#stop;
      const [page, count] = await Promise.all([
        get<WorklistPage>('/worklist', { ...this.#query, limit }, signal),
        get<WorklistCount>('/worklist/count', this.#query, signal).catch(() => null),
      ]);
      if (mine !== this.#asked) return;
      this.rows = withHeld(page.items, this.rows, held);
      this.next = page.next;
      this.count = count;
      this.namesLocked = page.names_locked;
      this.problem = null;
      this.asOf = new Date();
    } catch (error) {
      if (this.#stop.signal.aborted || mine !== this.#asked) return;
      this.problem = asProblem(error);
      if (this.problem.passes) this.#retry = setTimeout(() => void this.read(held), RETRY_MS);
    }
  };

  /** Reads the next page. */
  more = async () => {
    if (!this.next || this.reading) return;
    this.reading = true;
    const mine = this.#asked;
    try {
      const part = { ...this.#query, limit: PAGE, cursor: this.next };
      const page = await get<WorklistPage>('/worklist', part, this.#stop.signal);
      if (mine !== this.#asked) return;
      const known = new Set(this.rows.map((row) => row.case.case_id));
      this.rows = [...this.rows, ...page.items.filter((row) => !known.has(row.case.case_id))];
      this.next = page.next;
      this.problem = null;
    } catch (error) {
      if (!this.#stop.signal.aborted) this.problem = asProblem(error);
    } finally {
      this.reading = false;
    }
  };

  /** Lets those go of whom nothing waits, except one. */
  letGo(except: string | null) {
    const stay = this.rows.filter((row) => row.items.length > 0 || row.case.case_id === except);
    if (stay.length < this.rows.length) this.rows = stay;
  }
}

/** Returns new rows with one of the old ones put back at its place, if it is gone. */
export function withHeld(now: WorklistRow[], before: WorklistRow[], held: string | null): WorklistRow[] {
  if (!held || now.some((row) => row.case.case_id === held)) return now;
  const at = before.findIndex((row) => row.case.case_id === held);
  const old = before[at];
  if (!old) return now;
  return now.toSpliced(at, 0, { ...old, items: [], missing: [] });
}
