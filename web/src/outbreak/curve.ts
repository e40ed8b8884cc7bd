// The curve as bars: by onset or by report, a day or a week each, with those who died below.

import type { ChainNode, CurveDay, Day } from '../api/types.ts';
import { dayNumber, mondayOf, toDay } from '../days/days.ts';

export type Bar = { first: Day; last: Day; count: number; died: number | null; complete: boolean };

const MOST_BARS = 130;

/** Returns the bars. Weeks begin on Monday; a week is complete when each of its days is. */
export function bars(curve: CurveDay[], diedOn: Map<Day, number> | null): Bar[] {
  const byWeek = curve.length > MOST_BARS;
  const out: Bar[] = [];
  for (const { date, count, complete } of curve) {
    const died = diedOn ? (diedOn.get(date) ?? 0) : null;
    const first = byWeek ? toDay(mondayOf(dayNumber(date))) : date;
    const before = out.at(-1);
    if (byWeek && before?.first === first) {
      before.last = date;
      before.count += count;
      before.died = died === null || before.died === null ? null : before.died + died;
      before.complete &&= complete;
    } else out.push({ first, last: date, count, died, complete });
  }
  return out;
}

/** Returns how many of those with onset, or report, on each day died; null where the cases themselves weren't sent. */
export function diedBy(
  day: 'symptom_onset' | 'reported_on',
  nodes: ChainNode[],
  nCases: number,
): Map<Day, number> | null {
  // Only the cases that have links would give too few deaths.
  if (nodes.length < nCases) return null;
  const died = new Map<Day, number>();
  for (const node of nodes) {
    const on = node[day];
    if (node.died && on) died.set(on, (died.get(on) ?? 0) + 1);
  }
  return died;
}
