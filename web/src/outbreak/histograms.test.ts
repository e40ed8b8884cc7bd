import { expect, test } from 'vitest';
import type { ChainLink, ChainNode, OutbreakReport } from '../api/types.ts';
import { offspring, serialIntervals } from './histograms.ts';

const node = (id: string, onset: string | null, infected = 0) =>
  ({ case_id: id, symptom_onset: onset, n_infected: infected }) as ChainNode;
const link = (infector: string, infected: string) => ({ infector, infected }) as ChainLink;

test('who infected nobody is counted, and many are put together', () => {
  const report = { offspring: { n_without: 151 } } as OutbreakReport;
  const bars = offspring(report, [node('a', null, 38), node('b', null, 2), node('c', null, 2), node('d', null)]);
  expect(bars.map((bar) => [bar.from, bar.count])).toEqual([
    [0, 151],
    [1, 0],
    [2, 2],
    [3, 0],
    [4, 0],
    [5, 0],
    [10, 0],
    [20, 1],
  ]);
});

test('a serial interval may be negative, and a link without onset is left out', () => {
  const nodes = [node('a', '2015-05-10'), node('b', '2015-05-08'), node('c', '2015-05-12'), node('d', null)];
  const bars = serialIntervals(nodes, [link('a', 'b'), link('a', 'c'), link('a', 'd')]);
  expect(bars.map((bar) => [bar.from, bar.count])).toEqual([
    [-2, 1],
    [-1, 0],
    [0, 0],
    [1, 0],
    [2, 1],
  ]);
});
