import { describe, expect, it } from 'vitest';
import {
  kept,
  nearest,
  neighbour,
  nodeSize,
  pan,
  type Space,
  scaleOf,
  toField,
  toScreen,
  whole,
  withinSight,
  zoomAt,
} from './viewport.ts';

const space: Space = { width: 1048, height: 648, fieldWidth: 100, fieldHeight: 100 };

describe('the window on the field', () => {
  it('shows all of it at first, the origin below on the left', () => {
    const view = whole(space);
    expect(scaleOf(view, space)).toBe(6);
    expect(toScreen(view, space, { x: 0, y: 0 })).toEqual({ x: 224, y: 624 });
    expect(toScreen(view, space, { x: 100, y: 100 })).toEqual({ x: 824, y: 24 });
    expect(toField(view, space, { x: 224, y: 624 })).toEqual({ x: 0, y: 0 });
  });

  it('keeps what is under the pointer there when it zooms', () => {
    const at = { x: 300, y: 100 };
    const before = toField(whole(space), space, at);
    const view = zoomAt(whole(space), space, 3, at);
    const after = toField(view, space, at);
    expect(view.zoom).toBe(3);
    expect([after.x, after.y]).toEqual([expect.closeTo(before.x, 9), expect.closeTo(before.y, 9)]);
  });

  it('moves with the finger', () => {
    expect(pan(whole(space), space, 60, 30)).toEqual({ x: 40, y: 55, zoom: 1 });
  });

  it('keeps its middle on the field and its zoom within reason', () => {
    expect(kept({ x: -5, y: 500, zoom: 0.001 }, space)).toEqual({ x: 0, y: 100, zoom: 0.5 });
    expect(kept({ x: 5, y: 5, zoom: 1e9 }, space).zoom).toBe(16);
    const large = { ...space, fieldWidth: 60_000, fieldHeight: 60_000 };
    expect(scaleOf(kept({ x: 5, y: 5, zoom: 1e9 }, large), large)).toBeCloseTo(96);
    const phone = { ...space, width: 10, height: 10 };
    expect(scaleOf(whole(phone), phone)).toBeGreaterThan(0);
  });

  it('moves no further than needed to show a node', () => {
    expect(withinSight(whole(space), space, { x: 3, y: 3 })).toEqual(whole(space));
    expect(withinSight({ x: 50, y: 50, zoom: 10 }, space, { x: 3, y: 3 })).toEqual({ x: 3, y: 3, zoom: 10 });
  });
});

describe('picking', () => {
  const nodes = {
    n: 4,
    x: Uint16Array.from([0, 10, 11, 10]),
    y: Uint16Array.from([0, 10, 10, 10]),
    knows: (no: number) => no !== 3,
  };

  it('takes the nearest node within reach', () => {
    expect(nearest(nodes, { x: 10.2, y: 10 }, 1)).toBe(1);
    expect(nearest(nodes, { x: 10.8, y: 10 }, 1)).toBe(2);
    expect(nearest(nodes, { x: 50, y: 50 }, 3)).toBeNull();
  });

  it('goes through the nodes by number, round and round', () => {
    expect([neighbour(nodes, null, 1), neighbour(nodes, 2, 1), neighbour(nodes, 0, -1)]).toEqual([0, 0, 2]);
    expect(neighbour({ n: 0, knows: () => true }, null, 1)).toBeNull();
    expect(neighbour({ n: 3, knows: () => false }, 1, 1)).toBeNull();
  });
});

it('nodes are as large as their step, but can be seen, and a crowd is no blot', () => {
  const size = (n: number, field: number, zoom = 1, realism = false) => {
    const wide = { ...space, fieldWidth: field, fieldHeight: field };
    return nodeSize({ ...whole(wide), zoom }, wide, n, realism);
  };
  expect(size(100, 100)).toBe(10);
  expect(size(100, 600)).toBe(10);
  expect(size(10_000, 600)).toBeCloseTo(3.6);
  expect(size(1_000_000, 20_000)).toBe(2);
  expect(size(1_000_000, 20_000, 2_000)).toBe(24);
  expect(size(100, 600, 1, true)).toBe(20);
});
