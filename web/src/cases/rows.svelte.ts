// The rows of a list of any length, read in blocks as they come into sight. Reading on follows the cursor of
// the block before; a jump asks by position. What is far from sight is let go.

import { get, post, type Query } from '../api/client.ts';
import { asProblem, type Problem } from '../api/problem.ts';
import type { CaseCount, CaseRow, FoundCases, Page } from '../api/types.ts';

const BLOCK = 100;
const KEPT_BLOCKS = 50;
const RETRY_MS = 5_000;

/** A filter with its order, and perhaps a text that is searched for. The text is never part of an address. */
export type Wanted = { query: Query; text: string };

type Block = { rows: CaseRow[]; next: string | null; used: number };

export class CaseRows {
  /** How many there are, as far as is known. */
  count = $state<number | null>(null);
  capped = $state(false);
  problem = $state.raw<Problem | null>(null);
  asOf = $state.raw<Date | null>(null);
  /** The keys that open names are locked on the server: rows show references only. */
  namesLocked = $state(false);
  /** How many rows the list may show: the count, or what the blocks read so far promise. */
  readonly length = $derived.by(() => {
    void this.#version;
    if (!this.#wanted.text && this.count !== null && !this.capped) return this.count;
    return Math.max(this.#promised(), this.#wanted.text ? 0 : (this.count ?? 0));
  });

  #wanted: Wanted;
  #blocks = new Map<number, Block>();
  #reading = new Set<number>();
  #version = $state(0);
  #clock = 0;
  #stop = new AbortController();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #seen: [number, number] = [0, 0];

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  begin() {
    this.want(0, 1);
    if (!this.#wanted.text) void this.#readCount();
  }

  end() {
    clearTimeout(this.#retry);
    this.#stop.abort();
  }

  at(index: number): CaseRow | null {
    void this.#version;
    return this.#blocks.get(Math.floor(index / BLOCK))?.rows[index % BLOCK] ?? null;
  }

  /** Reads what is missing between two rows, `last` excluded. */
  want(first: number, last: number) {
    this.#seen = [first, last];
    for (let n = Math.floor(first / BLOCK); n <= Math.floor(Math.max(first, last - 1) / BLOCK); n += 1) {
      const block = this.#blocks.get(n);
      if (block) block.used = ++this.#clock;
      else void this.#read(n);
    }
  }

  again = () => {
    clearTimeout(this.#retry);
    this.problem = null;
    this.want(...this.#seen);
    if (this.count === null && !this.#wanted.text) void this.#readCount();
  };

  /** Returns all matching rows, block by block, for a file. */
  async *everything(signal: AbortSignal): AsyncGenerator<CaseRow[]> {
    let cursor: string | null = null;
    do {
      const page: Page<CaseRow> = await this.#page({ cursor, limit: 200 }, signal);
      yield page.items;
      cursor = page.next;
    } while (cursor);
  }

  #promised(): number {
    let n = 0;
    for (const [at, block] of this.#blocks) {
      n = Math.max(n, at * BLOCK + block.rows.length + (block.next ? 1 : 0));
    }
    return n;
  }

  #page(part: Query, signal: AbortSignal): Promise<Page<CaseRow>> {
    const { query, text } = this.#wanted;
    if (text) {
      // A search has an order of its own, best first.
      const { sort: _, order: __, ...filter } = query;
      return post<FoundCases>('/cases/search', { ...filter, ...part, text }, signal);
    }
    return get<Page<CaseRow>>('/cases', { ...query, ...part }, signal);
  }

  async #read(n: number) {
    if (this.#reading.has(n)) return;
    const cursor = n > 0 ? (this.#blocks.get(n - 1)?.next ?? null) : null;
    // A search has no positions: it is read in sequence.
    if (this.#wanted.text && n > 0 && !cursor) return;
    this.#reading.add(n);
    const part: Query = cursor || n === 0 ? { cursor, limit: BLOCK } : { position: n * BLOCK, limit: BLOCK };
    try {
      const page = await this.#page(part, this.#stop.signal);
      if ('count' in page) this.#tellCount(page as FoundCases);
      if ('names_locked' in page) this.namesLocked = page.names_locked === true;
      this.#blocks.set(n, { rows: page.items, next: page.next, used: ++this.#clock });
      this.#letGo();
      this.#version += 1;
      this.problem = null;
      this.asOf = new Date();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.problem = asProblem(error);
      if (this.problem.passes) this.#retry = setTimeout(this.again, RETRY_MS);
    } finally {
      this.#reading.delete(n);
    }
  }

  async #readCount() {
    try {
      const { sort: _, order: __, ...filter } = this.#wanted.query;
      this.#tellCount(await get<CaseCount>('/cases/count', filter, this.#stop.signal));
    } catch {
      // The list works without its count.
    }
  }

  #tellCount({ count, capped }: CaseCount) {
    this.count = count;
    this.capped = capped;
  }

  #letGo() {
    while (this.#blocks.size > KEPT_BLOCKS) {
      const oldest = [...this.#blocks].reduce((a, b) => (a[1].used < b[1].used ? a : b));
      this.#blocks.delete(oldest[0]);
    }
  }
}
