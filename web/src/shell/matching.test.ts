import { expect, test } from 'vitest';
import { matching } from './matching.ts';

const all = ['Fälle öffnen', 'Ausbruch öffnen', 'Helles Aussehen'].map((name) => ({ name }));

test('the beginning of a name comes before the beginning of a word', () => {
  expect(matching(all, 'aus').map((one) => one.name)).toEqual(['Ausbruch öffnen', 'Helles Aussehen']);
});

test('letters are found without their marks', () => {
  expect(matching(all, 'falle').map((one) => one.name)).toEqual(['Fälle öffnen']);
});

test('nothing typed shows everything', () => {
  expect(matching(all, '  ')).toEqual(all);
});
