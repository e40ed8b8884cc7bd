// The live stream of a run: connected, or away and coming back by itself. A state machine without a clock or a socket of its own.

import { BadFrame, Bytes } from './bytes.ts';
import type { RunState } from './types.ts';

/** How things stand, as the server says each second. */
export type Now = {
  second: number;
  secondUs: number;
  /** The newest second that is stored; null before the first. */
  newest: number | null;
  state: RunState;
  /** Reports are stored late: nobody is to turn silent meanwhile. */
  late: boolean;
};

export type Socket = {
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  close: () => void;
};
export type Timers = {
  /** Milliseconds. */
  now: () => number;
  /** Calls back later; the returned function takes that back. */
  after: (ms: number, then: () => void) => () => void;
  /** 0 to 1. */
  random: () => number;
};
export type LiveEvents = {
  now: (now: Now) => void;
  /** The bytes of a frame. If it throws `BadFrame`, the stream begins anew with a key frame. */
  frame: (bytes: Uint8Array) => void;
  /** Nothing comes any more, since that millisecond; null: nothing ever came. */
  away: (sinceMs: number | null) => void;
  back: () => void;
};

const NOW = 1;
const FRAME = 2;
const NO_SECOND = 0xffff_ffff;
const STATES: RunState[] = ['running', 'paused', 'stopped'];
/** The server speaks each second: so long without a word means that nobody is there. */
export const QUIET_MS = 6_000;
/** How long to wait before trying again, by how often it failed. */
export const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

export class Live {
  readonly #open: () => Socket;
  readonly #timers: Timers;
  readonly #events: LiveEvents;
  #socket: Socket | null = null;
  #cancel: (() => void) | null = null;
  #failures = 0;
  #heardMs: number | null = null;
  #isAway = false;
  /** The last frame was broken: a connection that only says how things stand is no success. */
  #isBroken = false;
  #started = false;

  constructor(open: () => Socket, timers: Timers, events: LiveEvents) {
    this.#open = open;
    this.#timers = timers;
    this.#events = events;
  }

  start() {
    if (this.#started) return;
    this.#started = true;
    this.#connect();
  }

  stop() {
    this.#started = false;
    this.#drop();
  }

  /** Doesn't wait any longer: the network is back, or somebody looks again. */
  hurry() {
    if (this.#started && !this.#socket) this.#connect();
  }

  #connect() {
    this.#drop();
    const socket = this.#open();
    this.#socket = socket;
    socket.onclose = () => this.#lost();
    socket.onmessage = ({ data }) => this.#hear(data);
    this.#watch();
  }

  #hear(data: unknown) {
    if (!(data instanceof ArrayBuffer)) return;
    try {
      const rest = new Bytes(new Uint8Array(data));
      const kind = rest.u8();
      if (kind === NOW) this.#events.now(readNow(rest));
      else if (kind === FRAME) {
        this.#events.frame(rest.all.subarray(rest.at));
        this.#isBroken = false;
      }
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error;
      // A new connection begins with a key frame.
      this.#isBroken = true;
      this.#lost();
      return;
    }
    this.#heardMs = this.#timers.now();
    if (!this.#isBroken) this.#failures = 0;
    this.#watch();
    if (this.#isAway && !this.#isBroken) {
      this.#isAway = false;
      this.#events.back();
    }
  }

  #watch() {
    this.#cancel?.();
    this.#cancel = this.#timers.after(QUIET_MS, () => this.#lost());
  }

  #lost() {
    this.#drop();
    if (!this.#started) return;
    const wait =
      (WAITS_MS[Math.min(this.#failures, WAITS_MS.length - 1)] as number) * (0.75 + this.#timers.random() / 2);
    this.#failures += 1;
    // The server ends a stream now and then, to be shown anew who looks: what comes back at once was never away.
    const isFirst = this.#failures === 1 && this.#heardMs !== null;
    if (!this.#isAway && !isFirst) {
      this.#isAway = true;
      this.#events.away(this.#heardMs);
    }
    this.#cancel = this.#timers.after(wait, () => this.#connect());
  }

  #drop() {
    this.#cancel?.();
    this.#cancel = null;
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onclose = null;
    socket.onmessage = null;
    socket.close();
  }
}

function readNow(rest: Bytes): Now {
  const [second, secondUs, newest] = [rest.u32(), rest.u32(), rest.u32()];
  const state = STATES[rest.u8()];
  if (!state) throw new BadFrame('range');
  return { second, secondUs, newest: newest === NO_SECOND ? null : newest, state, late: rest.u8() === 1 };
}
