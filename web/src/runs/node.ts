// What is said of one node: spans of its states up to a second, and whom it met by then.

import type { NodeHistory, NodeSpan, RunEncounter } from './types.ts';

const OPEN_S = 5;

export type Span = NodeSpan & { open: boolean };
export type Met = {
  no: number;
  first: number;
  last: number;
  count: number;
  distance: number | null;
  unsaid: string | null;
};

/** Returns the spans up to a second, the earliest first; the last one is open while the node was heard just now. */
export function spansUntil(spans: NodeSpan[], second: number): Span[] {
  const until = spans.filter((span) => span.from <= second);
  return until.map((span, i) => {
    const to = Math.min(span.to, second);
    return { ...span, to, open: i === until.length - 1 && span.alive && second - to < OPEN_S };
  });
}

/** Returns whom a node had met by a second, the latest first. */
export function metUntil({ no, encounters }: Pick<NodeHistory, 'no' | 'encounters'>, second: number): Met[] {
  const other = ({ lower, higher }: RunEncounter) => (lower === no ? higher : lower);
  return encounters
    .filter((one) => one.first <= second)
    .map((one) => ({
      no: other(one),
      first: one.first,
      last: Math.min(one.last, second),
      count: one.count,
      distance: one.distance ?? null,
      unsaid: one.distance_reason ?? null,
    }))
    .sort((a, b) => b.last - a.last || b.first - a.first || a.no - b.no);
}
