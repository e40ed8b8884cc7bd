import { expect, test } from 'vitest';
import type { WorklistRow } from '../api/types.ts';
import { withHeld } from './rows.svelte.ts';

const row = (id: string) => ({ case: { case_id: id }, items: [{}], missing: ['born'] }) as unknown as WorklistRow;
const ids = (rows: WorklistRow[]) => rows.map((one) => one.case.case_id).join('');

test('whoever is at hand stays at their place when nothing of theirs waits any more', () => {
  const rows = withHeld([row('a'), row('c')], [row('a'), row('b'), row('c')], 'b');
  expect(ids(rows)).toBe('abc');
  expect(rows[1]?.items).toEqual([]);
  expect(rows[1]?.missing).toEqual([]);
});

test('nobody is held twice, nor anybody who was never there', () => {
  expect(ids(withHeld([row('b'), row('a')], [row('a'), row('b')], 'b'))).toBe('ba');
  expect(ids(withHeld([row('a')], [row('a')], 'x'))).toBe('a');
  expect(ids(withHeld([row('a')], [row('a'), row('b')], null))).toBe('a');
});
