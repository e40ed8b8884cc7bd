import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BadFrame } from './bytes.ts';
import { DEAD, IMMUNE, INFECTED, NONE, Picture, SILENT, SUSCEPTIBLE } from './frames.ts';
import { amendment, keyFrame, placingPart, steppingPart, type Written } from './written.ts';

const node = (no: number, rest: Partial<Written> = {}): Written => ({
  no,
  x: 10 * no,
  y: 5,
  health: 0,
  alive: true,
  steps: true,
  heardAt: 9,
  ...rest,
});
const why = (apply: () => unknown) => {
  try {
    apply();
  } catch (error) {
    return error instanceof BadFrame ? error.why : error;
  }
  return null;
};
const places = (picture: Picture) => Array.from({ length: picture.n }, (_, no) => [picture.x[no], picture.y[no]]);

describe('a picture of all nodes', () => {
  it('is placed by a key frame, moved by steps and counted', () => {
    const picture = new Picture();
    const nodes = [node(0), node(1, { health: 1, steps: false }), node(2, { health: 2 }), node(4, { alive: false })];
    expect(picture.apply(keyFrame(10, nodes))).toBe(10);
    expect(picture.apply(steppingPart(10, [0, 1, 2], [0, 3]))).toBe(10);
    expect(places(picture)).toEqual([
      [1, 5],
      [10, 5],
      [20, 4],
      [0, 0],
      [40, 5],
    ]);
    expect(picture.knows(3)).toBe(false);
    expect(picture.look(10)).toEqual({
      second: 10,
      total: 4,
      zombies: 1,
      deaths: 1,
      dead_zombies: 0,
      immune: 1,
      silent: 0,
    });
    expect([...picture.shapes.subarray(0, 5)]).toEqual([SUSCEPTIBLE, INFECTED, IMMUNE, NONE, DEAD]);
  });

  it('tells whoever was not heard for five seconds from the dead', () => {
    const picture = new Picture();
    picture.apply(
      keyFrame(10, [node(0, { heardAt: 5 }), node(1, { heardAt: 6 }), node(2, { heardAt: 0, alive: false })]),
    );
    expect(picture.look(10).silent).toBe(1);
    expect([...picture.shapes.subarray(0, 3)]).toEqual([SILENT, SUSCEPTIBLE, DEAD]);
    expect(picture.look(10, 9).silent, 'nobody turns silent while reports are late').toBe(0);
    expect(picture.look(11).silent).toBe(2);
  });

  it('keeps what is known later when a key frame is brought up to date', () => {
    const picture = new Picture();
    picture.apply(keyFrame(60, [node(0, { heardAt: 50 })]));
    picture.apply(placingPart(60, [node(0, { x: 77 })]));
    picture.apply(amendment(60, [node(0, { x: 3, heardAt: 59 }), node(1, { x: 4, heardAt: 59 })]));
    expect(places(picture)).toEqual([
      [77, 5],
      [4, 5],
    ]);
  });

  it('is replaced by the next key frame, whatever was known', () => {
    const picture = new Picture();
    picture.apply(keyFrame(60, [node(0), node(5)]));
    picture.apply(keyFrame(120, [node(1)]));
    expect([picture.knows(0), picture.knows(1), picture.knows(5)]).toEqual([false, true, false]);
  });

  it('of several chains takes what is later', () => {
    const [one, other] = [new Picture(), new Picture()];
    one.apply(keyFrame(10, [node(0, { heardAt: 4 }), node(1, { heardAt: 8, x: 8 })]));
    other.apply(keyFrame(10, [node(0, { heardAt: 5, x: 5 }), node(1, { heardAt: 7, x: 7 }), node(2000, { x: 1 })]));
    one.unite(other);
    expect([one.x[0], one.x[1], one.x[2000], one.n]).toEqual([5, 8, 1, 2001]);
  });

  it('grows to a million nodes, and a second of them makes no new columns', () => {
    const picture = new Picture();
    const many = 1_000_000;
    // One run of a million, in a key frame of columns that are all alike.
    const head = [1, 10, 0, 0, 0, 1, 0, 0xc0, 0x84, 0x3d];
    const bytes = new Uint8Array(head.length + many * 6);
    bytes.set(head);
    bytes.fill(12, head.length, head.length + many);
    bytes.fill(1, head.length + many, head.length + 5 * many);
    picture.apply(bytes);
    const { x, heardAt } = picture;
    const part = new Uint8Array(head.length + 1 + many / 4);
    part.set([3, ...head.slice(1), 0]);
    expect(picture.apply(part)).toBe(10);
    expect(picture.x).toBe(x);
    expect(picture.heardAt).toBe(heardAt);
    expect([x[0], x[many - 1], picture.look(10).total]).toEqual([0x101 + 1, 0x101 + 1, many]);
  });
});

describe('a broken frame', () => {
  it('says what is wrong with it', () => {
    const picture = () => {
      const made = new Picture();
      made.apply(keyFrame(10, [node(0), node(1, { x: 0xffff })]));
      return made;
    };
    const part = steppingPart(10, [0, 1], [0, 2]);
    expect(why(() => picture().apply(part))).toBeNull();
    expect(why(() => picture().apply(part.subarray(0, -1)))).toBe('short');
    expect(why(() => picture().apply(Uint8Array.from([...part, 0])))).toBe('long');
    expect(why(() => picture().apply(Uint8Array.from([4, ...part.subarray(1)])))).toBe('kind');
    expect(why(() => picture().apply(steppingPart(10, [0, 1], [0, 0])))).toBe('range');
    expect(why(() => picture().apply(steppingPart(10, [0, 2], [0, 0])))).toBe('unknown');
    expect(why(() => picture().apply(keyFrame(10, [node(0, { heardAt: -2 })])))).toBe('range');
    expect(why(() => picture().apply(keyFrame(10, [node(0, { health: 3 })])))).toBe('range');
    expect(why(() => picture().apply(Uint8Array.from([1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f])))).toBe('short');
    expect(why(() => picture().apply(Uint8Array.from([1, 0, 0, 0, 0, 1, 0, 0x81, 0x80, 0x80, 0x08])))).toBe('range');
  });
});

describe('the bytes that the server writes', () => {
  const file = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name));
  type Seen = { second: number; nodes: [number, number, number, string, boolean, number][]; statistics: object };

  it('give the pictures that it has in mind', () => {
    const bytes = file('frames.bin');
    const seen = new Map((JSON.parse(file('pictures.json').toString()) as Seen[]).map((one) => [one.second, one]));
    const picture = new Picture();
    const pictures = new Map<number, Seen>();
    for (let at = 0; at < bytes.length; ) {
      const length = bytes.readUInt32LE(at);
      const second = picture.apply(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
      if (!seen.has(second)) continue;
      const { second: _, ...statistics } = picture.look(second);
      const nodes: Seen['nodes'] = [];
      for (let no = 0; no < picture.n; no += 1) {
        const said = picture.said(no);
        if (!said) continue;
        const [x, y, heardAt] = [picture.x[no] ?? -1, picture.y[no] ?? -1, picture.heardAt[no] ?? -1];
        nodes.push([no, x, y, said.health, said.alive, heardAt]);
      }
      pictures.set(second, { second, nodes, statistics });
    }
    expect(pictures.size).toBe(30);
    expect(pictures).toEqual(seen);
  });
});
