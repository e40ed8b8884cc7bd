import { expect, test } from 'vitest';
import { words as de } from '../words/de.ts';
import { words as en } from '../words/en.ts';
import { reasonOf } from './reasons.ts';

test('a reason names the field that is at fault', () => {
  expect(reasonOf('onset: "32.11.2026" is not a day')).toEqual({ field: 'onset', why: '"32.11.2026" is not a day' });
  expect(reasonOf('id is missing')).toEqual({ field: 'id', why: 'is missing' });
  expect(reasonOf('2026/0005 stands in row 6 already').field).toBe('id');
  expect(reasonOf('the row has 19 cells, but the table has 18 columns').field).toBeNull();
});

test('a reason is said in the words of the reader', () => {
  const said = (words: typeof en, text: string) => {
    const { field, why } = reasonOf(text);
    return words.imports.reason(field, why);
  };
  expect(said(en, 'id is missing')).toBe('Reference is missing');
  expect(said(en, '2026/0005 stands in row 6 already')).toBe('2026/0005 stands in row 6 already');
  expect(said(de, 'born: "31.02.1990" is not a day')).toBe('Geburtsdatum: „31.02.1990“ ist kein Tag');
  expect(said(de, 'id is missing')).toBe('Aktenzeichen fehlt');
  expect(said(de, 'specimen lies in the future')).toBe('Probe genommen: liegt in der Zukunft');
  expect(said(de, 'sample L-1 exists with another result')).toBe(
    'die Probe L-1 ist schon da, mit einem anderen Befund',
  );
  expect(said(de, 'not positive, and nobody here has a case that it belongs to: it is not kept')).toContain(
    'nicht positiv',
  );
  expect(said(de, 'something new')).toBe('something new');
  for (const words of [en, de]) {
    const text = 'born: "03/04/2020" may be day-month or month-day; say which with --date-format dmy or mdy';
    expect(said(words, text)).not.toContain('--');
  }
});
