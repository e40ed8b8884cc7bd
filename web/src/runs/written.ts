// Frames written by hand, for tests: the same bytes that the server writes, only without its care for few of them.

import { AMENDMENT, KEY, PART } from './frames.ts';

export type Written = {
  no: number;
  x: number;
  y: number;
  health: number;
  alive: boolean;
  steps: boolean;
  heardAt: number;
};

const varint = (number: number): number[] =>
  number < 0x80 ? [number] : [(number % 0x80) | 0x80, ...varint(Math.floor(number / 0x80))];
const two = (number: number): number[] => [number & 0xff, number >> 8];
const four = (number: number): number[] => [...two(number & 0xffff), ...two(number >>> 16)];
const what = (node: Written) => node.health | (node.alive ? 4 : 0) | (node.steps ? 8 : 0);

function head(kind: number, second: number, numbers: number[]): number[] {
  const runs: [number, number][] = [];
  for (const no of numbers) {
    const last = runs.at(-1);
    if (last && last[0] + last[1] === no) last[1] += 1;
    else runs.push([no, 1]);
  }
  let after = 0;
  const told = runs.flatMap(([first, length]) => {
    const gap = first - after;
    after = first + length;
    return [...varint(gap), ...varint(length)];
  });
  return [kind, ...four(second), ...varint(runs.length), ...told];
}

function placed(kind: number, second: number, nodes: Written[]): Uint8Array {
  const columns = [
    nodes.map(what),
    nodes.flatMap((node) => two(node.x)),
    nodes.flatMap((node) => two(node.y)),
    nodes.flatMap((node) => varint(second - 1 - node.heardAt)),
  ];
  const numbers = nodes.map((node) => node.no);
  return Uint8Array.from([...head(kind, second, numbers), ...columns.flat()]);
}

export const keyFrame = (second: number, nodes: Written[]) => placed(KEY, second, nodes);
export const amendment = (second: number, nodes: Written[]) => placed(AMENDMENT, second, nodes);

/** A part that places each of its nodes. */
export function placingPart(second: number, nodes: Written[]): Uint8Array {
  let after = 0;
  const gaps = nodes.flatMap(({ no }) => {
    const gap = no - after;
    after = no + 1;
    return varint(gap);
  });
  const columns = [
    gaps,
    nodes.map((node) => what(node) | 16),
    nodes.flatMap((node) => two(node.x)),
    nodes.flatMap((node) => two(node.y)),
  ];
  const numbers = nodes.map((node) => node.no);
  return Uint8Array.from([...head(PART, second, numbers), ...varint(nodes.length), ...columns.flat()]);
}

/** A part in which nothing changes but that those who step do: 0 right, 1 up, 2 left, 3 down. */
export function steppingPart(second: number, numbers: number[], codes: number[]): Uint8Array {
  const bytes = new Array<number>(Math.ceil(codes.length / 4)).fill(0);
  for (const [i, code] of codes.entries()) bytes[i >> 2] = (bytes[i >> 2] ?? 0) | (code << (2 * (i & 3)));
  return Uint8Array.from([...head(PART, second, numbers), 0, ...bytes]);
}

/** Packs as zstd does what it can't make smaller (RFC 8878): blocks as they are. */
export function packed(bytes: Uint8Array): Uint8Array {
  const out = [0x28, 0xb5, 0x2f, 0xfd, 0b1010_0000, ...four(bytes.length)];
  for (let from = 0; from === 0 || from < bytes.length; from += 1 << 16) {
    const block = bytes.subarray(from, from + (1 << 16));
    const isLast = from + (1 << 16) >= bytes.length;
    const header = (block.length << 3) | (isLast ? 1 : 0);
    out.push(header & 0xff, (header >> 8) & 0xff, header >> 16);
    for (const byte of block) out.push(byte);
  }
  return Uint8Array.from(out);
}

/** As `/frames` answers. */
export function stored(frames: { second: number; kind: number; chain?: number; part?: number; bytes: Uint8Array }[]) {
  const out: number[] = [];
  for (const { second, kind, chain = 0, part = 0, bytes } of frames) {
    const body = packed(bytes);
    out.push(...four(second), kind, ...two(chain), ...four(part), ...four(body.length));
    for (const byte of body) out.push(byte);
  }
  return Uint8Array.from(out);
}
