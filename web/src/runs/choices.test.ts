import { describe, expect, it } from 'vitest';
import { readMapChoice, withView } from './choices.svelte.ts';

describe('what somebody chose for the map', () => {
  it('is read again as it was kept', () => {
    const kept = { views: { a: { x: 1, y: 2, zoom: 3 } }, realism: true, speed: 4 as const };
    expect(readMapChoice(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
  });

  it('is nothing where it is not understood', () => {
    const nothing = { views: {}, realism: false, speed: 1 };
    for (const kept of [null, 7, 'x', [], { views: { a: { x: 1, y: 2, zoom: 0 }, b: null }, realism: 1, speed: 3 }]) {
      expect(readMapChoice(kept)).toEqual(nothing);
    }
  });

  it('keeps the views of the last twenty runs', () => {
    let views = {};
    for (let run = 0; run < 30; run += 1) views = withView(views, `run ${run}`, { x: run, y: 0, zoom: 1 });
    expect(Object.keys(views)).toHaveLength(20);
    expect(Object.keys(views)[0]).toBe('run 29');
  });
});
