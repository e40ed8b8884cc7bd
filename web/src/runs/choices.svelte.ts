// How somebody likes the map: where they looked in each run, figures or shapes, how fast. Staff keep it with their account,
// the public in their browser.

import { Preference } from '../look/preferences.svelte.ts';
import { SPEEDS, type Speed } from './playhead.ts';
import { keepChoice, readChoices } from './requests.ts';
import type { View } from './viewport.ts';

export type MapChoice = { views: Record<string, View>; realism: boolean; speed: Speed };

const MOST_VIEWS = 20;
const PAUSE_MS = 800;
const NOTHING: MapChoice = { views: {}, realism: false, speed: 1 };
const here = new Preference<unknown>('runs.map', null);

/** Reads a choice, whatever it is: what isn't understood is as if nothing had been chosen. */
export function readMapChoice(kept: unknown): MapChoice {
  if (typeof kept !== 'object' || kept === null) return NOTHING;
  const { views, realism, speed } = kept as Record<string, unknown>;
  const entries = typeof views === 'object' && views !== null ? Object.entries(views) : [];
  return {
    views: Object.fromEntries(entries.filter((entry): entry is [string, View] => isView(entry[1]))),
    realism: realism === true,
    speed: SPEEDS.find((one) => one === speed) ?? 1,
  };
}

/** Puts a view first and lets the oldest go. */
export function withView(views: Record<string, View>, runId: string, view: View): Record<string, View> {
  const others = Object.entries(views).filter(([id]) => id !== runId);
  return Object.fromEntries([[runId, view] as const, ...others].slice(0, MOST_VIEWS));
}

function isView(kept: unknown): kept is View {
  if (typeof kept !== 'object' || kept === null) return false;
  const { x, y, zoom } = kept as Record<string, unknown>;
  return [x, y, zoom].every((number) => Number.isFinite(number)) && (zoom as number) > 0;
}

export class MapChoices {
  now = $state.raw<MapChoice>(NOTHING);
  /** Whether what was kept is there. */
  ready = $state(false);
  readonly #hasAccount: () => boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(hasAccount: () => boolean) {
    this.#hasAccount = hasAccount;
  }

  async load() {
    if (this.#hasAccount()) {
      // Without an answer one begins as if nothing had been chosen.
      const kept = await readChoices().catch(() => null);
      this.now = readMapChoice(kept?.map);
    } else this.now = readMapChoice(here.now);
    this.ready = true;
  }

  change(change: Partial<MapChoice>) {
    this.now = { ...this.now, ...change };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.keep(), PAUSE_MS);
  }

  /** Keeps it now: the page is left. */
  keep() {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#hasAccount()) void keepChoice('map', { ...this.now }).catch(() => {});
    else here.now = this.now;
  }
}
