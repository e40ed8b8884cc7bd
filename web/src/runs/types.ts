// The bodies of runs as the server writes them. What a run is told by, what is changed of it, and what was counted.

import type { Instant } from '../api/types.ts';

export type Movement = 'waypoint' | 'random_walk' | 'levy_flight' | 'careful' | 'fleeing_chasing';
export type Visibility = 'owner' | 'staff' | 'anybody';
export type RunState = 'running' | 'paused' | 'stopped';
export type Health = 'susceptible' | 'infected' | 'immune';

export type RunParameters = {
  width: number;
  height: number;
  scale_factor: number;
  lifetime_s: number;
  infection_radius: number;
  cooldown_s: number;
  movement: Movement;
  humans_and_zombies: boolean;
  wire: 'compact' | 'json';
  seed: number;
};
export type RunNodes = { safe: number; infected: number };
export type NewRun = {
  run_id: string;
  name: string;
  visibility: Visibility;
  is_rehearsal: boolean;
  parameters: Partial<RunParameters>;
  second_ms: number;
  nodes: RunNodes;
};
export type Run = {
  run_id: string;
  name: string;
  visibility: Visibility;
  is_rehearsal: boolean;
  parameters: RunParameters;
  second_ms: number;
  hosting: 'server' | 'processes';
  nodes: RunNodes;
  state: RunState;
  second: number;
  newest_second: number | null;
  created_at: Instant;
  ended_at: Instant | null;
  may_change: boolean;
};
export type RunStatistics = {
  second: number;
  total: number;
  zombies: number;
  deaths: number;
  dead_zombies: number;
  immune: number;
  silent: number;
};
export type RunCurve = {
  points: RunStatistics[];
  reproduction: number | null;
  reproduction_reason: string | null;
};
export type NodeSpan = { from: number; to: number; health: Health; alive: boolean };
export type RunEncounter = {
  lower: number;
  higher: number;
  slot: number;
  first: number;
  last: number;
  count: number;
  distance: number;
};
export type NodeHistory = { no: number; node_id: string | null; spans: NodeSpan[]; encounters: RunEncounter[] };
/** What a person chose: how the map looks, and what a new run begins with. */
export type RunChoices = { map: Record<string, unknown> | null; parameters: Record<string, unknown> | null };
