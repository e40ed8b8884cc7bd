import { expect, test } from 'vitest';
import type { Preview } from '../api/types.ts';
import { asColumns, choose, firstChoice, missing, samples } from './settings.ts';

const preview = {
  n_columns: 3,
  guess: [{ field: 'id', column: 0, sure: true }],
  fields: [
    { name: 'id', required: true, what: '' },
    { name: 'onset', required: true, what: '' },
  ],
} as unknown as Preview;

test('what was guessed is the first choice, what was chosen before comes before that', () => {
  expect(firstChoice(preview, null)).toEqual(['id', null, null]);
  const before = { columns: [{ field: 'onset', column: 2 }] } as never;
  expect(firstChoice(preview, before)).toEqual([null, null, 'onset']);
});

test('a field has one column', () => {
  const chosen = choose(['id', null, null], 1, 'id');
  expect(chosen).toEqual([null, 'id', null]);
  expect(asColumns(chosen)).toEqual([{ field: 'id', column: 1 }]);
  expect(missing(chosen, preview.fields)).toEqual(['onset']);
});

test('samples are different and not empty', () => {
  expect(samples([['a'], [' '], ['a'], ['b'], ['c']], 0, 2)).toEqual(['a', 'b']);
});
