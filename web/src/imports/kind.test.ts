import { expect, test } from 'vitest';
import { guessKind } from './kind.ts';

test('each kind is known by its header', () => {
  expect(guessKind('id,age,sex,dt_onset,dt_report')).toBe('cases');
  expect(guessKind('from,to,exposure,diff_dt_onset')).toBe('infections');
  expect(guessKind('from,to,exposure')).toBe('infections');
  expect(guessKind('infector;infected;setting')).toBe('infections');
  expect(guessKind('time\ta\tb\tdistance_m')).toBe('encounters');
  expect(guessKind('person,ward,in,out')).toBe('visits');
  expect(guessKind('Probennummer;Befund;Nachname')).toBe('laboratory');
});

test('a header that says nothing is not guessed', () => {
  expect(guessKind('x,y,z')).toBeNull();
  expect(guessKind('')).toBeNull();
});
