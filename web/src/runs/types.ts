// The bodies of runs, as the server describes them, and which words their texts can be.

import type { Body } from '../api/types.ts';

export type Movement = 'waypoint' | 'random_walk' | 'levy_flight' | 'careful' | 'fleeing_chasing';
export type Visibility = 'owner' | 'staff' | 'anybody';
export type Hosting = 'server' | 'processes';
export type RunState = 'running' | 'paused' | 'stopped';
export type Health = 'susceptible' | 'infected' | 'immune';

export type RunParameters = Body<'RunParameters', { movement: Movement; wire: 'compact' | 'json' }>;
export type RunNodes = Body<'RunNodes'>;
/** What isn't said of the parameters is as usual. */
export type NewRun = Body<'NewRun', { visibility: Visibility; parameters: Partial<RunParameters>; hosting: Hosting }>;
export type Run = Body<'Run', { visibility: Visibility; parameters: RunParameters; hosting: Hosting; state: RunState }>;
export type RunStatistics = Body<'RunStatistics'>;
export type RunCurve = Body<'RunCurve'>;
export type NodeSpan = Body<'NodeSpan', { health: Health }>;
export type RunEncounter = Body<'RunEncounter'>;
export type NodeHistory = Body<'NodeHistory', { spans: NodeSpan[] }>;
/** What a person chose: how the map looks, and what a new run begins with. */
export type RunChoices = { map: Record<string, unknown> | null; parameters: Record<string, unknown> | null };
