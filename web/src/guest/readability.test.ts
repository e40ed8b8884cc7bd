import { describe, expect, test } from 'vitest';
import { blocksOf, type Readable, readingEase } from '../patient/readability.ts';
import { words as de } from './words/de.ts';
import { words as en } from './words/en.ts';
import { words as tr } from './words/tr.ts';

// The same measure as for patients: can be read at twelve.
const LEAST: Record<Readable, { all: number; block: number }> = {
  en: { all: 80, block: 70 },
  de: { all: 70, block: 60 },
  tr: { all: 70, block: 60 },
};
const LEAST_WORDS = 8;

describe.each([
  ['en', en],
  ['de', de],
  ['tr', tr],
] as [Readable, object][])('what guests read in %s', (language, catalogue) => {
  const blocks = blocksOf(catalogue, LEAST_WORDS);

  test('can be read at twelve, each block', () => {
    expect(blocks.length).toBeGreaterThan(10);
    const eases = blocks.map(({ at, text }) => ({ at, text, ease: Math.round(readingEase(text, language)) }));
    expect(eases.filter(({ ease }) => ease < LEAST[language].block)).toEqual([]);
  });

  test('is easy as a whole', () => {
    const all = blocks.map(({ text }) => text).join(' ');
    expect(readingEase(all, language)).toBeGreaterThanOrEqual(LEAST[language].all);
  });
});
