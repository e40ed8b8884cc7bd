// What is asked of the server about runs.

import { get, getBytes, patch, post, put, remove, socketUrl } from '../api/client.ts';
import type { Page } from '../api/types.ts';
import type { Socket } from './live.ts';
import type { NewRun, NodeHistory, Run, RunChoices, RunCurve, RunNodes, Visibility } from './types.ts';

const FRAMES = 'application/vnd.epitrace.frames';
const of = (runId: string, rest = '') => `/runs/${encodeURIComponent(runId)}${rest}`;

export const listRuns = (cursor: string | null, signal?: AbortSignal) => get<Page<Run>>('/runs', { cursor }, signal);
export const readRun = (runId: string, signal?: AbortSignal) => get<Run>(of(runId), {}, signal);
export const makeRun = (run: NewRun) => post<Run>('/runs', run);
export const changeRun = (runId: string, change: { name?: string; visibility?: Visibility }) =>
  patch<Run>(of(runId), change);
export const deleteRun = (runId: string) => remove(of(runId));
export const addNodes = (runId: string, nodes: RunNodes) => post<Run>(of(runId, '/nodes'), nodes);
export const command = (runId: string, what: 'pause' | 'resume' | 'stop') => post<Run>(of(runId, `/${what}`));

export const readCurve = (runId: string, from: number, to: number, signal?: AbortSignal) =>
  get<RunCurve>(of(runId, '/curve'), { from, to }, signal);
export const readFrames = (runId: string, from: number, to: number, signal?: AbortSignal) =>
  getBytes(of(runId, '/frames'), { from, to }, FRAMES, signal);
export const readNode = (runId: string, no: number, signal?: AbortSignal) =>
  get<NodeHistory>(of(runId, `/nodes/${no}`), {}, signal);

export const readChoices = (signal?: AbortSignal) => get<RunChoices>('/run-choices', {}, signal);
export const keepChoice = (which: 'map' | 'parameters', choice: Record<string, unknown>) =>
  put<void>(`/run-choices/${which}`, { chosen: choice });

/** Opens the live stream of a run. */
export function openLive(runId: string): Socket {
  const socket = new WebSocket(socketUrl(of(runId, '/live')));
  socket.binaryType = 'arraybuffer';
  const it: Socket = { onmessage: null, onclose: null, close: () => socket.close() };
  socket.onmessage = (message) => it.onmessage?.(message);
  socket.onclose = () => it.onclose?.();
  return it;
}
