import { expect, test } from 'vitest';
import type { ChainLink, ChainNode } from '../api/types.ts';
import { chainSizes, closedAtFirst, forest, treeRows } from './tree.ts';

const node = (id: string, day: number) =>
  ({ case_id: id, reference: id, symptom_onset: `2015-05-${String(day).padStart(2, '0')}` }) as ChainNode;
const link = (infector: string, infected: string, first = true) => ({ infector, infected, first }) as ChainLink;

const nodes = [node('a', 1), node('b', 9), node('c', 5), node('d', 7), node('e', 8), node('alone', 2)];
const links = [link('a', 'b'), link('a', 'c'), link('a', 'd'), link('d', 'e'), link('c', 'e', false)];

test('who infected nobody comes first, by onset; who has no link is not drawn', () => {
  const { rows } = treeRows(forest(nodes, links), new Set(), links);
  expect(rows.map((row) => [row.node.case_id, row.depth])).toEqual([
    ['a', 0],
    ['c', 1],
    ['b', 1],
    ['d', 1],
    ['e', 2],
  ]);
});

test('a second named infector is a line, not a branch', () => {
  const { others, rows } = treeRows(forest(nodes, links), new Set(), links);
  expect(others).toHaveLength(1);
  expect(rows[others[0]?.from ?? -1]?.node.case_id).toBe('c');
});

test('a closed subtree keeps its count', () => {
  const { rows } = treeRows(forest(nodes, links), new Set(['d']), links);
  expect(rows).toHaveLength(4);
  expect(rows.at(-1)).toMatchObject({ nBelow: 1, open: false });
});

test('a large tree begins closed below what can be read', () => {
  expect(closedAtFirst(forest(nodes, links), 4)).toEqual(new Set(['d']));
  expect(closedAtFirst(forest(nodes, links), 100)).toEqual(new Set());
});

test('the sizes of chains count every case once, also where a second infector joins two trees', () => {
  expect(chainSizes(links)).toEqual([5]);
  expect(chainSizes([link('x', 'y'), link('a', 'b'), link('b', 'c')])).toEqual([3, 2]);
  expect(chainSizes([link('a', 'b'), link('c', 'd'), link('c', 'b', false)])).toEqual([4]);
  expect(chainSizes([])).toEqual([]);
});

test('a chain of ten thousand generations is laid out without a stack overflow', () => {
  const long = Array.from({ length: 10_000 }, (_, i) => node(`n${i}`, 1));
  const chain = long.slice(1).map((one, i) => link(`n${i}`, one.case_id));
  expect(treeRows(forest(long, chain), new Set(), chain).rows).toHaveLength(10_000);
});
