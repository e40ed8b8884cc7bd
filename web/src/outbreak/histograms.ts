// How many each case infected, and how long it took from onset to onset.

import type { ChainLink, ChainNode, OutbreakReport } from '../api/types.ts';
import { daysBetween } from '../days/days.ts';

export type HistogramBar = { from: number; to: number; count: number };

// Few infect many: beyond four the bars grow wider, and the axis says so.
const EDGES = [0, 1, 2, 3, 4, 5, 10, 20, 50, 100, 1000];

/** Returns how many cases infected so many. Those who infected nobody are counted from the report. */
export function offspring(report: OutbreakReport, nodes: ChainNode[]): HistogramBar[] {
  const infectors = nodes.filter((node) => node.n_infected > 0);
  const most = Math.max(0, ...infectors.map((node) => node.n_infected));
  const out: HistogramBar[] = [];
  for (const [i, from] of EDGES.entries()) {
    if (i > 0 && from > most) break;
    const to = (EDGES[i + 1] ?? Number.POSITIVE_INFINITY) - 1;
    const count = infectors.filter((node) => node.n_infected >= from && node.n_infected <= to).length;
    out.push({ from, to, count: from === 0 ? report.offspring.n_without : count });
  }
  return out;
}

/** Returns how many links took so many days from onset to onset; negative where the infected fell ill first. */
export function serialIntervals(nodes: ChainNode[], links: ChainLink[]): HistogramBar[] {
  const onset = new Map(nodes.map((node) => [node.case_id, node.symptom_onset]));
  const counts = new Map<number, number>();
  for (const link of links) {
    const [from, to] = [onset.get(link.infector), onset.get(link.infected)];
    if (!from || !to) continue;
    const days = daysBetween(from, to);
    counts.set(days, (counts.get(days) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const [first, last] = [Math.min(0, ...counts.keys()), Math.max(...counts.keys())];
  return Array.from({ length: last - first + 1 }, (_, i) => ({
    from: first + i,
    to: first + i,
    count: counts.get(first + i) ?? 0,
  }));
}
