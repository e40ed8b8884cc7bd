// What a run is made from: what somebody typed, checked before it is sent.

import type { Movement, NewRun, Visibility } from './types.ts';

export const MOVEMENTS: Movement[] = ['waypoint', 'random_walk', 'levy_flight', 'careful', 'fleeing_chasing'];
export const VISIBILITIES: Visibility[] = ['staff', 'anybody', 'owner'];
const LONGEST_NAME = 80;

export type NumberField =
  | 'safe'
  | 'infected'
  | 'width'
  | 'height'
  | 'infection_radius'
  | 'cooldown_s'
  | 'lifetime_s'
  | 'second_ms'
  | 'seed';
export type RunField = NumberField | 'name';
export type Typed = Record<NumberField, string> & {
  name: string;
  movement: Movement;
  humans_and_zombies: boolean;
  visibility: Visibility;
  is_rehearsal: boolean;
};

type Range = { least: number; most: number; whole: boolean };
export const RANGES: Record<NumberField, Range> = {
  safe: { least: 0, most: 10_000, whole: true },
  infected: { least: 0, most: 10_000, whole: true },
  width: { least: 1, most: 65_535, whole: true },
  height: { least: 1, most: 65_535, whole: true },
  infection_radius: { least: 0.01, most: 63.75, whole: false },
  cooldown_s: { least: 1, most: 100_000, whole: true },
  lifetime_s: { least: 1, most: 1_000_000, whole: true },
  second_ms: { least: 10, most: 60_000, whole: true },
  seed: { least: 0, most: Number.MAX_SAFE_INTEGER, whole: true },
};
export const NUMBERS = Object.keys(RANGES) as NumberField[];

/** What a first run begins with: the values of the published system, and enough nodes to see something. */
export const FIRST: Omit<Typed, 'name' | 'seed'> = {
  safe: '100',
  infected: '5',
  width: '100',
  height: '100',
  infection_radius: '2',
  cooldown_s: '15',
  lifetime_s: '120',
  second_ms: '1000',
  movement: 'waypoint',
  humans_and_zombies: false,
  visibility: 'staff',
  is_rehearsal: false,
};

/** Returns what is in the fields at first: what was chosen last time, as far as it can still be chosen. */
export function begun(kept: Record<string, unknown> | null, seed: number): Typed {
  const typed: Typed = { ...FIRST, name: '', seed: String(seed) };
  if (!kept) return typed;
  for (const field of NUMBERS) {
    const value = kept[field];
    if (field !== 'seed' && typeof value === 'string' && numberOf(field, value) !== null) typed[field] = value;
  }
  typed.movement = MOVEMENTS.find((one) => one === kept.movement) ?? typed.movement;
  typed.visibility = VISIBILITIES.find((one) => one === kept.visibility) ?? typed.visibility;
  typed.humans_and_zombies = kept.humans_and_zombies === true;
  typed.is_rehearsal = kept.is_rehearsal === true;
  return typed;
}

/** Returns what is kept for the next time. */
export function toKeep({ name: _, seed: __, ...rest }: Typed): Record<string, unknown> {
  return rest;
}

/** Returns the number in a field, or null where it is none or out of its range. */
export function numberOf(field: NumberField, text: string): number | null {
  const { least, most, whole } = RANGES[field];
  const plain = text.trim().replace(',', '.');
  if (!/^\d+(\.\d+)?$/.test(plain)) return null;
  const value = Number(plain);
  return value < least || value > most || (whole && !Number.isInteger(value)) ? null : value;
}

/** Returns the run, or which fields are not as they must be. */
export function toRun(typed: Typed, runId: string): { run: NewRun } | { wrong: RunField[] } {
  const wrong: RunField[] = [];
  const name = typed.name.trim();
  if (name === '' || name.length > LONGEST_NAME) wrong.push('name');
  const number = (field: NumberField): number => {
    const value = numberOf(field, typed[field]);
    if (value === null) wrong.push(field);
    return value ?? 0;
  };
  const run: NewRun = {
    run_id: runId,
    hosting: 'server',
    name,
    visibility: typed.visibility,
    is_rehearsal: typed.is_rehearsal,
    nodes: { safe: number('safe'), infected: number('infected') },
    parameters: {
      width: number('width'),
      height: number('height'),
      infection_radius: number('infection_radius'),
      cooldown_s: number('cooldown_s'),
      lifetime_s: number('lifetime_s'),
      movement: typed.movement,
      humans_and_zombies: typed.humans_and_zombies,
      seed: number('seed'),
    },
    second_ms: number('second_ms'),
  };
  return wrong.length > 0 ? { wrong } : { run };
}

/** Returns the field that the server means: it names parameters with or without where they stand. */
export function fieldOf(name: string): RunField | null {
  const last = name.split('.').at(-1) ?? name;
  return last === 'name' ? 'name' : (NUMBERS.find((field) => field === last) ?? null);
}
