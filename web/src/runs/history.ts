// The run as it was: frames are read minute by minute, the last few minutes are kept, and the picture of a second is made
// from the last key frame on.

import { Picture } from './frames.ts';
import { readStored, type StoredFrame, unpacked } from './stored.ts';

export const BLOCK_S = 60;
const MOST_BLOCKS = 6;
/** While a run goes on, reports of an older minute may still come in. */
const OLD_MS = 30_000;

type Block = { frames: StoredFrame[]; readMs: number; newest: number };
type Load = (from: number, to: number) => Promise<Uint8Array>;

export class History {
  readonly #load: Load;
  readonly #now: () => number;
  readonly #blocks = new Map<number, Block>();
  readonly #loading = new Map<number, Promise<void>>();
  #walker: { block: Block; next: number; second: number; chains: Map<number, Picture> } | null = null;
  readonly #united = new Picture();
  #newest = 0;
  #ended = false;

  /** `load` answers the stored bytes of some seconds; `now` tells milliseconds. */
  constructor(load: Load, now: () => number) {
    this.#load = load;
    this.#now = now;
  }

  /** Says how far the run has come, and whether anything may still be told of it. */
  reaches(newest: number, ended: boolean) {
    this.#newest = newest;
    this.#ended = ended;
  }

  /** Says whether a second can be shown without asking the server. */
  has(second: number): boolean {
    return this.#fresh(blockOf(second), second) !== null;
  }

  /** Returns the last second up to which, from a second on, each picture is there. */
  readyUntil(second: number): number {
    for (let no = blockOf(second); ; no += 1) {
      const block = this.#blocks.get(no);
      if (!block) return no * BLOCK_S - 1;
      const until = Math.min(block.newest, no * BLOCK_S + BLOCK_S - 1);
      if (until < no * BLOCK_S + BLOCK_S - 1) return until;
    }
  }

  /** Reads the minute of a second, unless it is there. */
  async want(second: number): Promise<void> {
    const no = blockOf(second);
    if (this.#fresh(no, second)) return;
    const under = this.#loading.get(no);
    if (under) return under;
    const reading = this.#read(no).finally(() => this.#loading.delete(no));
    this.#loading.set(no, reading);
    return reading;
  }

  /** Returns the picture of a second, or null where its minute isn't there. The same object is drawn on each time. */
  show(second: number): Picture | null {
    // What is old is still better than nothing while a newer answer is on its way.
    const block = this.#blocks.get(blockOf(second));
    if (!block) return null;
    let walker = this.#walker;
    if (walker?.block !== block || walker.second > second) {
      walker = { block, next: 0, second: -1, chains: new Map() };
      this.#walker = walker;
    }
    for (; walker.next < block.frames.length; walker.next += 1) {
      const frame = block.frames[walker.next] as StoredFrame;
      if (frame.second > second) break;
      let chain = walker.chains.get(frame.chain);
      if (!chain) {
        chain = new Picture();
        walker.chains.set(frame.chain, chain);
      }
      chain.apply(unpacked(frame));
    }
    walker.second = second;
    const chains = [...walker.chains].sort(([a], [b]) => a - b).map(([, picture]) => picture);
    const [only] = chains;
    if (chains.length === 1 && only) return only;
    this.#united.clear();
    for (const chain of chains) this.#united.unite(chain);
    return this.#united;
  }

  async #read(no: number) {
    const newest = this.#newest;
    const readMs = this.#now();
    const answer = await this.#load(no * BLOCK_S, no * BLOCK_S + BLOCK_S - 1);
    this.#blocks.delete(no);
    this.#blocks.set(no, {
      frames: readStored(answer),
      readMs,
      newest: this.#ended ? Number.POSITIVE_INFINITY : newest,
    });
    const oldest = this.#blocks.keys().next().value;
    if (this.#blocks.size > MOST_BLOCKS && oldest !== undefined) this.#blocks.delete(oldest);
  }

  #fresh(no: number, second: number): Block | null {
    const block = this.#blocks.get(no);
    if (!block) return null;
    if (block.newest === Number.POSITIVE_INFINITY) return block;
    const isOld = this.#now() - block.readMs > OLD_MS;
    return isOld || second > block.newest ? null : block;
  }
}

function blockOf(second: number): number {
  return Math.floor(second / BLOCK_S);
}
