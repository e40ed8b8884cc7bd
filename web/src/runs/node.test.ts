import { describe, expect, it } from 'vitest';
import { metUntil, spansUntil } from './node.ts';
import type { NodeSpan, RunEncounter } from './types.ts';

const spans: NodeSpan[] = [
  { from: 0, to: 19, health: 'susceptible', alive: true },
  { from: 20, to: 34, health: 'infected', alive: true },
  { from: 35, to: 35, health: 'immune', alive: false },
];
const met = (lower: number, higher: number, first: number, last: number): RunEncounter => ({
  lower,
  higher,
  slot: 0,
  first,
  last,
  count: 3,
  distance: 1,
  distance_reason: null,
});

describe('one node', () => {
  it('has the states that it had by then', () => {
    expect(spansUntil(spans, 22)).toEqual([
      { ...spans[0], open: false },
      { ...spans[1], to: 22, open: true },
    ]);
    expect(
      spansUntil(spans, 99).map((span) => span.open),
      'the dead have no now',
    ).toEqual([false, false, false]);
    expect(spansUntil(spans.slice(0, 1), 40)[0]?.open, 'nor has whoever is silent').toBe(false);
  });

  it('has met whom it had met by then, the latest first', () => {
    const encounters = [met(4, 7, 1, 3), met(2, 4, 10, 30), met(4, 5, 50, 60)];
    expect(metUntil({ no: 4, encounters }, 20).map(({ no, last }) => [no, last])).toEqual([
      [2, 20],
      [7, 3],
    ]);
  });

  it('says why there is no distance where nobody said it', () => {
    const encounters = [{ ...met(4, 7, 1, 3), distance: null, distance_reason: 'nobody says' }, met(2, 4, 10, 30)];
    expect(metUntil({ no: 4, encounters }, 20).map(({ distance, unsaid }) => [distance, unsaid])).toEqual([
      [1, null],
      [null, 'nobody says'],
    ]);
  });
});
