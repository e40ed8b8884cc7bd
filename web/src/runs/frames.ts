// What is known of all nodes at a second: frames are applied to it, one after the other. Columns of numbers, which grow by
// doubling, so that a second of a million nodes makes nothing that has to be cleared away.

import { BadFrame, Bytes, u16 } from './bytes.ts';
import type { RunStatistics } from './types.ts';

/** Kinds of frames, in the order in which those of a second are read. */
export const KEY = 1;
export const AMENDMENT = 2;
export const PART = 3;

/** Numbers of nodes are below this: a broken frame must not ask for more memory. */
const MOST_NODES = 1 << 24;
/** Seconds without a report after which a node is silent. */
export const SILENT_AFTER_S = 5;

const HEALTH = 3;
const ALIVE = 4;
const STEPS = 8;
const PLACED = 16;
const KNOWN = 32;

/** How a node is drawn. */
export const SUSCEPTIBLE = 0;
export const INFECTED = 1;
export const IMMUNE = 2;
export const DEAD = 3;
export const SILENT = 4;
/** There is no such node. */
export const NONE = 5;
export const SHAPES = ['susceptible', 'infected', 'immune', 'dead', 'silent'] as const;
export type NodeShape = (typeof SHAPES)[number];

const INFECTED_BITS = ALIVE | INFECTED;
const IMMUNE_BITS = ALIVE | IMMUNE;

// Runs and changes of the frame that is being read; one is read at a time.
let runs = new Uint32Array(64);
let nRuns = 0;
let changedNo = new Uint32Array(1024);
let changedWhat = new Uint8Array(1024);
let changedX = new Uint16Array(1024);
let changedY = new Uint16Array(1024);
let nChanges = 0;

export class Picture {
  /** Numbers of nodes are below this; some of them may be unknown. */
  n = 0;
  /** Steps from the left. */
  x = new Uint16Array(1024);
  /** Steps from below. */
  y = new Uint16Array(1024);
  /** In which second each was heard last. */
  heardAt = new Uint32Array(1024);
  /** How each is drawn, as of the last look. */
  shapes = new Uint8Array(1024).fill(NONE);
  #what = new Uint8Array(1024);

  knows(no: number): boolean {
    return no >= 0 && no < this.n && ((this.#what[no] as number) & KNOWN) !== 0;
  }

  clear() {
    this.#what.fill(0, 0, this.n);
    this.shapes.fill(NONE, 0, this.n);
    this.n = 0;
  }

  /** Applies a frame and returns its second. After a `BadFrame` the picture is no longer to be used. */
  apply(frame: Uint8Array): number {
    const rest = new Bytes(frame);
    const kind = rest.u8();
    if (kind !== KEY && kind !== AMENDMENT && kind !== PART) throw new BadFrame('kind');
    const second = rest.u32();
    const end = readRuns(rest);
    if (kind === KEY) this.clear();
    this.#reach(end);
    if (kind === PART) this.#stepAll(rest, second);
    else this.#placeAll(rest, second);
    return second;
  }

  /** Takes over what another picture knows later, or alone: pictures of several chains make one. */
  unite(other: Picture) {
    this.#reach(other.n);
    for (let no = 0; no < other.n; no += 1) {
      const what = other.#what[no] as number;
      if ((what & KNOWN) === 0) continue;
      const heardAt = other.heardAt[no] as number;
      if (((this.#what[no] as number) & KNOWN) !== 0 && (this.heardAt[no] as number) > heardAt) continue;
      this.#what[no] = what;
      this.x[no] = other.x[no] as number;
      this.y[no] = other.y[no] as number;
      this.heardAt[no] = heardAt;
    }
  }

  /**
   * Counts the nodes as they are at `second`, and notes how each is drawn. Who was last heard five seconds before
   * `silentAt` is silent.
   */
  look(second: number, silentAt = second): RunStatistics {
    const { n, heardAt, shapes } = this;
    const whats = this.#what;
    let [total, zombies, deaths, deadZombies, immune, silent] = [0, 0, 0, 0, 0, 0];
    for (let no = 0; no < n; no += 1) {
      const what = whats[no] as number;
      if ((what & KNOWN) === 0) {
        shapes[no] = NONE;
        continue;
      }
      total += 1;
      const is = what & (ALIVE | HEALTH);
      if ((is & ALIVE) === 0) {
        deaths += 1;
        if (is === INFECTED) deadZombies += 1;
        shapes[no] = DEAD;
        continue;
      }
      if (is === INFECTED_BITS) zombies += 1;
      else if (is === IMMUNE_BITS) immune += 1;
      if ((heardAt[no] as number) + SILENT_AFTER_S <= silentAt) {
        silent += 1;
        shapes[no] = SILENT;
      } else shapes[no] = is & HEALTH;
    }
    return { second, total, zombies, deaths, dead_zombies: deadZombies, immune, silent };
  }

  /** Says what a node said last: its health, and whether it lived. */
  said(no: number): { health: 'susceptible' | 'infected' | 'immune'; alive: boolean } | null {
    if (!this.knows(no)) return null;
    const what = this.#what[no] as number;
    const health = (['susceptible', 'infected', 'immune'] as const)[what & HEALTH] ?? 'susceptible';
    return { health, alive: (what & ALIVE) !== 0 };
  }

  #placeAll(rest: Bytes, second: number) {
    let n = 0;
    for (let run = 0; run < nRuns; run += 1) n += (runs[2 * run + 1] as number) - (runs[2 * run] as number);
    const [whatAt, xAt, yAt] = [rest.take(n), rest.take(2 * n), rest.take(2 * n)];
    const { all } = rest;
    let row = 0;
    for (let run = 0; run < nRuns; run += 1) {
      const end = runs[2 * run + 1] as number;
      for (let no = runs[2 * run] as number; no < end; no += 1, row += 1) {
        const heardAt = second - rest.varint() - 1;
        if (heardAt < 0) throw new BadFrame('range');
        const what = checked(all[whatAt + row] as number);
        // Whoever didn’t begin at this key frame may know more. Of one second the later frame stands.
        if (((this.#what[no] as number) & KNOWN) !== 0 && (this.heardAt[no] as number) > heardAt) continue;
        this.#what[no] = (what & ~PLACED) | KNOWN;
        this.x[no] = u16(all, xAt + 2 * row);
        this.y[no] = u16(all, yAt + 2 * row);
        this.heardAt[no] = heardAt;
      }
    }
    if (rest.left > 0) throw new BadFrame('long');
  }

  #stepAll(rest: Bytes, second: number) {
    readChanges(rest);
    const { all, at } = rest;
    const { x, y, heardAt } = this;
    const whats = this.#what;
    const nBytes = all.length - at;
    let [change, nCodes] = [0, 0];
    for (let run = 0; run < nRuns; run += 1) {
      const end = runs[2 * run + 1] as number;
      for (let no = runs[2 * run] as number; no < end; no += 1) {
        let what = whats[no] as number;
        if (change < nChanges && changedNo[change] === no) {
          const said = changedWhat[change] as number;
          if ((said & PLACED) !== 0) {
            whats[no] = (said & ~PLACED) | KNOWN;
            x[no] = changedX[change] as number;
            y[no] = changedY[change] as number;
            heardAt[no] = second;
            change += 1;
            continue;
          }
          change += 1;
          if ((what & KNOWN) === 0) throw new BadFrame('unknown');
          what = said | KNOWN;
          whats[no] = what;
        } else if ((what & KNOWN) === 0) throw new BadFrame('unknown');
        heardAt[no] = second;
        if ((what & STEPS) === 0) continue;
        if (nCodes >> 2 >= nBytes) throw new BadFrame('short');
        const code = ((all[at + (nCodes >> 2)] as number) >> (2 * (nCodes & 3))) & 3;
        nCodes += 1;
        const line = (code & 1) === 0 ? x : y;
        const place = (line[no] as number) + (code < 2 ? 1 : -1);
        if (place < 0 || place > 0xffff) throw new BadFrame('range');
        line[no] = place;
      }
    }
    if (change < nChanges) throw new BadFrame('range');
    if (nBytes !== (nCodes + 3) >> 2) throw new BadFrame('long');
  }

  #reach(n: number) {
    if (n <= this.n) return;
    if (n > this.x.length) {
      let room = this.x.length;
      while (room < n) room *= 2;
      this.x = grown(this.x, new Uint16Array(room));
      this.y = grown(this.y, new Uint16Array(room));
      this.heardAt = grown(this.heardAt, new Uint32Array(room));
      this.#what = grown(this.#what, new Uint8Array(room));
      this.shapes = grown(this.shapes, new Uint8Array(room).fill(NONE));
    }
    this.n = n;
  }
}

function grown<T extends Uint8Array | Uint16Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function checked(what: number): number {
  if ((what & HEALTH) > IMMUNE) throw new BadFrame('range');
  return what & (HEALTH | ALIVE | STEPS | PLACED);
}

/** Reads the runs of a frame's numbers and returns where the last one ends. */
function readRuns(rest: Bytes): number {
  const n = rest.varint();
  // Each run has two bytes at least, so a count beyond the bytes is a lie.
  if (n > rest.left / 2) throw new BadFrame('short');
  if (runs.length < 2 * n) runs = new Uint32Array(4 * n);
  nRuns = n;
  let after = 0;
  for (let run = 0; run < n; run += 1) {
    const gap = rest.varint();
    const length = rest.varint();
    const first = after + gap;
    after = first + length;
    if (after > MOST_NODES || length === 0 || (gap === 0 && run > 0)) throw new BadFrame('range');
    runs[2 * run] = first;
    runs[2 * run + 1] = after;
  }
  return after;
}

/** Reads the changes of a part: whoever isn't as they were, or not where they would be. */
function readChanges(rest: Bytes) {
  const n = rest.varint();
  if (n > rest.left / 2) throw new BadFrame('short');
  if (changedNo.length < n) {
    changedNo = new Uint32Array(2 * n);
    changedWhat = new Uint8Array(2 * n);
    changedX = new Uint16Array(2 * n);
    changedY = new Uint16Array(2 * n);
  }
  nChanges = n;
  let after = 0;
  for (let change = 0; change < n; change += 1) {
    const no = after + rest.varint();
    if (no >= MOST_NODES) throw new BadFrame('range');
    changedNo[change] = no;
    after = no + 1;
  }
  const whatAt = rest.take(n);
  let nPlaced = 0;
  for (let change = 0; change < n; change += 1) {
    const what = checked(rest.all[whatAt + change] as number);
    changedWhat[change] = what;
    if ((what & PLACED) !== 0) nPlaced += 1;
  }
  const [xAt, yAt] = [rest.take(2 * nPlaced), rest.take(2 * nPlaced)];
  let row = 0;
  for (let change = 0; change < n; change += 1) {
    if (((changedWhat[change] as number) & PLACED) === 0) continue;
    changedX[change] = u16(rest.all, xAt + 2 * row);
    changedY[change] = u16(rest.all, yAt + 2 * row);
    row += 1;
  }
}
