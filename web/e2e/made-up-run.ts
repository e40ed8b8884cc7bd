// A run that no server made: its answers and its live stream, as large as a test wants it, for what only the page does.

import type { Page, WebSocketRoute } from '@playwright/test';
import { KEY, PART } from '../src/runs/frames.ts';
import type { NodeHistory, Run, RunStatistics } from '../src/runs/types.ts';
import { keyFrame, placingPart, stored, type Written } from '../src/runs/written.ts';

const COOLDOWN_S = 45;
const RADIUS = 4;

export type MadeUp = {
  run: Run;
  seconds: number;
  /** What each node said in a second. */
  nodes: (second: number) => Written[];
  counted: (second: number) => RunStatistics;
};

/** A generator of numbers from 0 to 1 that begins the same each time. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

type Node = { x: number; y: number; toX: number; toY: number; since: number | null; dies: number; heardAt: number };

/** Makes up a run: nodes walk from place to place, fall ill near the ill, become immune, and some die or fall silent. */
export function makeUp({
  id = '01900000-0000-7000-8000-00000000000a',
  name = 'Field, seed 20150517',
  nNodes,
  seconds,
  width,
  height,
  state = 'running' as Run['state'],
}: {
  id?: string;
  name?: string;
  nNodes: number;
  seconds: number;
  width: number;
  height: number;
  state?: Run['state'];
}): MadeUp {
  const random = chance(20_150_517 + name.length);
  const place = (most: number) => Math.floor(random() * most);
  const nodes: Node[] = Array.from({ length: nNodes }, (_, no) => ({
    x: place(width),
    y: place(height),
    toX: place(width),
    toY: place(height),
    since: no % 40 === 0 ? 0 : null,
    dies: random() < 0.2 ? 60 + place(seconds) : Number.POSITIVE_INFINITY,
    heardAt: 0,
  }));
  const healthOf = ({ since }: Node, second: number) =>
    since === null || second - since >= 2 * COOLDOWN_S ? 0 : second - since < COOLDOWN_S ? 1 : 2;
  const told: Written[][] = [];
  for (let second = 0; second <= seconds; second += 1) {
    const ill = nodes.filter((node) => healthOf(node, second) === 1 && node.dies > second);
    const near = new Set(ill.map(({ x, y }) => `${Math.floor(x / RADIUS)} ${Math.floor(y / RADIUS)}`));
    for (const [no, node] of nodes.entries()) {
      const isSilent = no % 77 === 5 && second > 100;
      if (second > node.dies || isSilent) continue;
      node.heardAt = second;
      if (healthOf(node, second) === 0 && near.has(`${Math.floor(node.x / RADIUS)} ${Math.floor(node.y / RADIUS)}`)) {
        if (random() < 0.3) node.since = second;
      }
      if (healthOf(node, second) === 1) continue;
      const [dx, dy] = [node.toX - node.x, node.toY - node.y];
      if (dx === 0 && dy === 0) [node.toX, node.toY] = [place(width), place(height)];
      else if (Math.abs(dx) > Math.abs(dy)) node.x += Math.sign(dx);
      else node.y += Math.sign(dy);
    }
    told.push(
      nodes.map((node, no) => ({
        no,
        x: node.x,
        y: node.y,
        health: healthOf(node, second),
        alive: node.dies > second,
        steps: false,
        heardAt: node.heardAt,
      })),
    );
  }
  const at = (second: number) => told[Math.max(0, Math.min(seconds, second))] ?? [];
  return {
    run: {
      run_id: id,
      name,
      visibility: 'anybody',
      is_rehearsal: false,
      is_automatic: false,
      parameters: {
        width,
        height,
        scale_factor: 5,
        lifetime_s: 120,
        infection_radius: RADIUS,
        cooldown_s: COOLDOWN_S,
        movement: 'waypoint',
        humans_and_zombies: false,
        wire: 'compact',
        seed: 20_150_517,
      },
      second_ms: 1_000,
      hosting: 'server',
      nodes: { safe: nNodes - Math.ceil(nNodes / 40), infected: Math.ceil(nNodes / 40) },
      state,
      second: seconds,
      newest_second: seconds,
      created_at: new Date(Date.now() - seconds * 1_000).toISOString(),
      ended_at: null,
      may_change: true,
    },
    seconds,
    nodes: at,
    counted: (second) => {
      const said = at(second);
      const count = (holds: (node: Written) => boolean) => said.filter(holds).length;
      return {
        second,
        total: said.length,
        zombies: count((node) => node.alive && node.health === 1),
        deaths: count((node) => !node.alive),
        dead_zombies: count((node) => !node.alive && node.health === 1),
        immune: count((node) => node.alive && node.health === 2),
        silent: count((node) => node.alive && node.heardAt + 5 <= second),
      };
    },
  };
}

function frames({ nodes }: MadeUp, from: number, to: number): Uint8Array {
  const out = [];
  for (let second = Math.floor(from / 60) * 60; second <= to; second += 1) {
    if (second % 60 === 0) {
      const known = second === 0 ? [] : nodes(second - 1);
      out.push({ second, kind: KEY, bytes: keyFrame(second, known) });
    }
    const heard = nodes(second).filter((node) => node.heardAt === second);
    out.push({ second, kind: PART, bytes: placingPart(second, heard) });
  }
  return stored(out);
}

function history({ nodes, seconds }: MadeUp, no: number): NodeHistory {
  const spans: NodeHistory['spans'] = [];
  for (let second = 0; second <= seconds; second += 1) {
    const said = nodes(second)[no];
    if (!said || said.heardAt !== second) continue;
    const health = (['susceptible', 'infected', 'immune'] as const)[said.health] ?? 'susceptible';
    const last = spans.at(-1);
    if (last && last.health === health && last.alive === said.alive) last.to = second;
    else spans.push({ from: second, to: second, health, alive: said.alive });
  }
  const met = [58, 117, 152].filter((first) => first <= seconds);
  const encounters = met.map((first, i) => ({
    lower: no,
    higher: no + 3 + 7 * i,
    slot: 0,
    first,
    last: first + 4,
    count: 12 * (i + 1),
    distance: 1.5,
    distance_reason: null,
  }));
  return { no, node_id: `0190a2b4-11aa-7c1e-8f4d-00000000${no.toString(16).padStart(4, '0')}`, spans, encounters };
}

const u32 = (number: number) => [number & 0xff, (number >> 8) & 0xff, (number >> 16) & 0xff, number >>> 24];
const now = (second: number, state: Run['state'], late: boolean) =>
  Buffer.from([
    1,
    ...u32(second),
    ...u32(1_000_000),
    ...u32(second),
    ['running', 'paused', 'stopped'].indexOf(state),
    late ? 1 : 0,
  ]);

/** Answers for runs in place of the server, and keeps the live streams, the newest last. */
export async function answerRuns(
  page: Page,
  all: MadeUp[],
  /** Whether nobody answers a live stream that is opened now. */
  isAway = () => false,
): Promise<WebSocketRoute[]> {
  const sockets: WebSocketRoute[] = [];
  const json = (body: unknown) => ({ contentType: 'application/json', body: JSON.stringify(body) });
  await page.route('**/api/v1/runs*', (route) => route.fulfill(json({ items: all.map(({ run }) => run), next: null })));
  await page.route('**/api/v1/run-choices', (route) => route.fulfill(json({ map: null, parameters: null })));
  await page.route('**/api/v1/run-choices/*', (route) => route.fulfill({ status: 204 }));
  for (const made of all) {
    const { run, seconds } = made;
    const base = `**/api/v1/runs/${run.run_id}`;
    await page.route(base, (route) => route.fulfill(json(run)));
    await page.route(`${base}/curve*`, (route) => {
      const points = Array.from({ length: seconds + 1 }, (_, second) => made.counted(second));
      return route.fulfill(json({ points, reproduction: 1.4, reproduction_reason: null }));
    });
    await page.route(`${base}/frames*`, (route) => {
      const query = new URL(route.request().url()).searchParams;
      const body = frames(made, Number(query.get('from')), Math.min(Number(query.get('to')), seconds));
      return route.fulfill({ contentType: 'application/vnd.epitrace.frames', body: Buffer.from(body) });
    });
    await page.route(`${base}/nodes/*`, (route) =>
      route.fulfill(json(history(made, Number(route.request().url().split('/').at(-1))))),
    );
    await page.routeWebSocket(new RegExp(`/api/v1/runs/${run.run_id}/live$`), (socket) => {
      sockets.push(socket);
      if (isAway()) {
        void socket.close();
        return;
      }
      const say = (bytes: Uint8Array) => socket.send(Buffer.from([2, ...bytes]));
      say(keyFrame(seconds + 1, made.nodes(seconds)));
      socket.send(now(seconds, run.state, false));
    });
  }
  return sockets;
}

/** Says on a live stream that reports are stored late, or that they no longer are. */
export function sayLate(socket: WebSocketRoute | undefined, { run, seconds }: MadeUp, late: boolean) {
  socket?.send(now(seconds, run.state, late));
}

/** Sends the next second on a live stream. */
export function goOn(socket: WebSocketRoute | undefined, made: MadeUp, second: number) {
  const nodes = made.nodes(second).filter((node) => node.heardAt === second || second > made.seconds);
  const moved = second > made.seconds ? nodes.map((node) => ({ ...node, x: node.x ^ 1 })) : nodes;
  socket?.send(Buffer.from([2, ...placingPart(second, moved)]));
  socket?.send(now(second, made.run.state, false));
}
