// A run as the page sees it: live or as it was, with what was counted, and what is said when nothing comes any more.

import { asProblem, type Problem } from '../api/problem.ts';
import { BadFrame } from './bytes.ts';
import { KEY, Picture } from './frames.ts';
import { History } from './history.ts';
import { Live, type Now, type Timers } from './live.ts';
import type { Extent, Playhead } from './playhead.ts';
import { secondOf } from './playhead.ts';
import { openLive, readCurve, readFrames, readRun } from './requests.ts';
import { joined, withPoint } from './seconds.ts';
import type { Run, RunCurve, RunStatistics } from './types.ts';

/** What is drawn and counted. The picture is the same object each time, with other numbers in it. */
export type Shown = {
  picture: Picture;
  second: number;
  counted: RunStatistics;
  /** How long nodes take from where they were to where they are; 0: they are there. */
  glideMs: number;
  /** Seconds since what was shown before. */
  seconds: number;
};

const REFRESH_MS = 10_000;
const CURVE_MS = 60_000;
/** The server draws curves of so long at most. */
const MOST_CURVE_S = 36_000;
const RETRY_MS = 3_000;
/** Reports of a second come in after its end: so long nobody is missed. */
const REPORTS_MS = 2_000;
/** What is played within this time is read before. */
const AHEAD_MS = 1_500;
/** Motion shorter than this is not seen as such. */
const LEAST_GLIDE_MS = 40;
const MOST_GLIDE_S = 8;

export const browserTimers: Timers = {
  now: () => Date.now(),
  random: () => Math.random(),
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};

export class RunView {
  readonly runId: string;
  run = $state.raw<Run | null>(null);
  /** Why the run can't be shown at all. */
  problem = $state.raw<Problem | null>(null);
  shown = $state.raw<Shown | null>(null);
  curve = $state.raw<RunCurve | null>(null);
  /** The newest second that can be shown. */
  newest = $state(0);
  #since = $state.raw<RunStatistics[]>([]);
  #awayMs = $state<number | null>(null);
  #lateMs = $state<number | null>(null);
  #missingMs = $state<number | null>(null);

  readonly points = $derived<RunStatistics[]>(joined(this.curve?.points ?? [], this.#since));
  /** Since when nothing new came; null while all is well. */
  readonly asOf = $derived.by<Date | null>(() => {
    const ms = this.#awayMs ?? this.#lateMs ?? this.#missingMs;
    return ms === null ? null : new Date(ms);
  });
  readonly extent = $derived<Extent>({
    newest: this.newest,
    secondMs: this.run?.second_ms ?? 1_000,
    goesOn: this.run?.state === 'running',
  });

  readonly #live: Live;
  readonly #history: History;
  readonly #picture = new Picture();
  /** The second of the live picture; null before the first frame. */
  #second: number | null = null;
  #now: Now | null = null;
  /** The last second that was live. */
  #held = 0;
  /** Nobody turns silent after this second while reports are late. */
  #silentUntil: number | null = null;
  #head: Playhead = { live: true, at: 0, playing: false, speed: 1 };
  #readMs = Date.now();
  #curveMs: number | null = null;
  #frame = 0;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #stop = new AbortController();

  constructor(runId: string) {
    this.runId = runId;
    this.#history = new History(
      (from, to) => readFrames(runId, from, to, this.#stop.signal),
      () => Date.now(),
    );
    this.#live = new Live(() => openLive(runId), browserTimers, {
      now: (now) => this.#hear(now),
      frame: (bytes) => this.#apply(bytes),
      away: (sinceMs) => {
        // A run that is over has nothing more to say.
        if (this.run?.state !== 'stopped') this.#awayMs = sinceMs ?? this.#readMs;
      },
      back: () => {
        this.#awayMs = null;
        // What was missed meanwhile isn't in the curves.
        this.#curveMs = null;
        void this.refresh();
      },
    });
  }

  /** Begins to follow the run, until the returned function is called. */
  start(): () => void {
    void this.refresh().then(() => {
      if (!this.#stop.signal.aborted && !this.problem) this.#live.start();
    });
    const again = setInterval(() => {
      if (document.visibilityState === 'visible' && this.run?.state !== 'stopped') void this.refresh();
    }, REFRESH_MS);
    const comesBack = () => {
      if (document.visibilityState === 'visible') this.#live.hurry();
    };
    window.addEventListener('online', comesBack);
    document.addEventListener('visibilitychange', comesBack);
    return () => {
      window.removeEventListener('online', comesBack);
      document.removeEventListener('visibilitychange', comesBack);
      clearInterval(again);
      for (const timer of this.#timers) clearTimeout(timer);
      cancelAnimationFrame(this.#frame);
      this.#live.stop();
      this.#stop.abort();
    };
  }

  /** Reads what the run is, and now and then its curves: what comes meanwhile is added to them here. */
  refresh = async (): Promise<void> => {
    try {
      const run = await readRun(this.runId, this.#stop.signal);
      this.#readMs = Date.now();
      const isOver = run.state === 'stopped' && this.run?.state !== 'stopped';
      this.take(run);
      if (isOver || this.#curveMs === null || this.#readMs - this.#curveMs > CURVE_MS) await this.#readCurve();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const problem = asProblem(error);
      // What was read before stays as long as it may come back.
      if (!this.run || !problem.passes) this.problem = problem;
      if (!this.run && problem.passes) this.#later(this.refresh);
    }
  };

  async #readCurve() {
    const to = Math.max(this.newest, 1);
    const from = Math.max(0, to - MOST_CURVE_S);
    // Without its curves a run can still be looked at.
    const curve = await readCurve(this.runId, from, to, this.#stop.signal).catch(() => null);
    if (!curve) return;
    this.#curveMs = Date.now();
    this.curve = curve;
    const last = curve.points.at(-1)?.second ?? -1;
    this.#since = this.#since.filter((point) => point.second > last);
  }

  /** Takes what an answer said of the run. */
  take(run: Run) {
    this.problem = null;
    this.run = run;
    this.#reach(run.newest_second ?? 0);
    this.#paintSoon();
  }

  /** Shows what a playhead means. */
  follow(head: Playhead) {
    this.#head = head;
    this.#paintSoon();
  }

  /** The last second that can be played without waiting. */
  readyUntil(second: number): number {
    return this.#history.readyUntil(second);
  }

  #hear(now: Now) {
    this.#now = now;
    if (this.run && now.state !== this.run.state) {
      this.run = { ...this.run, state: now.state };
      void this.refresh();
    }
    if (now.late && this.#lateMs === null) {
      this.#lateMs = Date.now();
      this.#silentUntil = this.#held;
    } else if (!now.late) {
      this.#lateMs = null;
      this.#silentUntil = null;
    }
    this.#paintSoon();
  }

  #apply(bytes: Uint8Array) {
    const second = this.#picture.apply(bytes);
    // A key frame tells what was known before its second.
    this.#second = bytes[0] === KEY ? Math.max(0, second - 1) : Math.max(this.#second ?? 0, second);
    this.#paintSoon();
  }

  /** The second that is live: that of the newest frame, or a later one of which nobody said anything. */
  #liveSecond(): number | null {
    if (this.#second === null) return null;
    const waits = Math.ceil(REPORTS_MS / this.extent.secondMs) + 1;
    const isTrue = this.#now !== null && !this.#now.late && this.#awayMs === null;
    // While nothing comes, time stands; it never goes back.
    this.#held = Math.max(this.#held, this.#second, isTrue && this.#now ? this.#now.second - waits : 0);
    return this.#held;
  }

  #reach(second: number) {
    const newest = Math.max(this.newest, second, this.#liveSecond() ?? 0);
    this.newest = newest;
    this.#history.reaches(newest, this.run?.state === 'stopped');
  }

  // Several messages of one moment are painted once; a page that nobody sees paints nothing.
  #paintSoon() {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#reach(0);
      if (this.#head.live && this.#second !== null) this.#paintLive();
      else this.#paintPast();
    });
  }

  #paintLive() {
    const second = this.#liveSecond() ?? 0;
    const counted = this.#paint(this.#picture, second, this.extent.secondMs);
    this.#since = withPoint(this.#since, counted);
  }

  #paintPast() {
    const second = secondOf(this.#head, this.extent);
    if (!this.#history.has(second)) void this.#read(second);
    if (this.#head.playing) {
      const ahead = Math.ceil((AHEAD_MS / this.extent.secondMs) * this.#head.speed);
      const ready = this.#history.readyUntil(second);
      if (ready < Math.min(this.newest, second + ahead)) void this.#read(ready + 1);
    }
    try {
      const picture = this.#history.show(second);
      const glideMs = this.#head.playing ? this.extent.secondMs / this.#head.speed : 0;
      if (picture) this.#paint(picture, second, glideMs);
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error;
      this.#missingMs ??= Date.now();
    }
  }

  #paint(picture: Picture, second: number, glideMs: number): RunStatistics {
    const before = this.shown;
    const silentAt = this.#silentUntil === null ? second : Math.min(second, this.#silentUntil);
    const counted = picture.look(second, silentAt);
    const seconds = before?.picture === picture ? second - before.second : 0;
    const glides = seconds > 0 && seconds <= MOST_GLIDE_S && glideMs >= LEAST_GLIDE_MS;
    this.shown = { picture, second, counted, seconds, glideMs: glides ? Math.min(glideMs, 1_000) : 0 };
    return counted;
  }

  async #read(second: number) {
    try {
      await this.#history.want(Math.min(second, this.newest));
      this.#missingMs = null;
      this.#paintSoon();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (asProblem(error).passes) {
        if (this.#missingMs === null) this.#missingMs = Date.now();
        this.#later(() => this.#paintSoon());
      } else this.problem = asProblem(error);
    }
  }

  #later(then: () => void) {
    this.#timers = [...this.#timers.slice(-8), setTimeout(then, RETRY_MS)];
  }
}
