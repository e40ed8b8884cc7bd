import { expect, test } from 'vitest';
import { csv } from './csv.ts';

test('cells with commas, quotes and line ends are quoted', () => {
  expect(csv([['a', 'b,c', 'd"e', 'f\ng', null, 3]])).toBe('\uFEFFa,"b,c","d""e","f\ng",,3\r\n');
});

test('a cell that a spreadsheet would run is made a text', () => {
  expect(csv([['=1+1', '-3', '@x']])).toBe("\uFEFF'=1+1,'-3,'@x\r\n");
});
