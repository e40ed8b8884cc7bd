import { describe, expect, test } from 'vitest';
import { blocksOf, type Readable, readingEase, syllables } from './readability.ts';
import { words as de } from './words/de.ts';
import { words as en } from './words/en.ts';
import { words as tr } from './words/tr.ts';

// Flesch calls 70 to 80 "fairly easy", read at twelve or thirteen; Amstad's scale is the same for German. Ateşman calls 70 to
// 89 "easy". A block of a few words swings with each of them, so that one may lie a step lower than all together.
const LEAST: Record<Readable, { all: number; block: number }> = {
  en: { all: 80, block: 70 },
  de: { all: 70, block: 60 },
  tr: { all: 70, block: 60 },
};
/** Words from which on a block is measured. */
const LEAST_WORDS = 8;

describe.each([
  ['en', en],
  ['de', de],
  ['tr', tr],
] as [Readable, object][])('what patients read in %s', (language, catalogue) => {
  const blocks = blocksOf(catalogue, LEAST_WORDS);

  test('can be read at twelve, each block', () => {
    expect(blocks.length).toBeGreaterThan(15);
    const eases = blocks.map(({ at, text }) => ({ at, text, ease: Math.round(readingEase(text, language)) }));
    expect(eases.filter(({ ease }) => ease < LEAST[language].block)).toEqual([]);
  });

  test('is easy as a whole', () => {
    const all = blocks.map(({ text }) => text).join(' ');
    expect(readingEase(all, language)).toBeGreaterThanOrEqual(LEAST[language].all);
  });
});

test('syllables are counted as they are spoken', () => {
  const count = (language: Readable, ...all: string[]) => all.map((word) => syllables(word, language));
  expect(count('en', 'call', 'number', 'measure', 'people', 'asked', 'wanted', 'temperature', 'the')).toEqual([
    1, 2, 2, 2, 1, 2, 4, 1,
  ]);
  expect(count('de', 'Brief', 'heute', 'Gesundheitsamt', 'gehen', 'Über', 'Tee')).toEqual([1, 2, 4, 2, 2, 1]);
  expect(count('tr', 'sabah', 'günlük', 'internet', 'ISI', 'saat')).toEqual([2, 2, 3, 2, 2]);
});

test('short words and sentences read easier than long ones, in each language', () => {
  const pairs: [Readable, string, string][] = [
    ['en', 'Call us. We help you.', 'Notification of the responsible authority is obligatory immediately.'],
    [
      'de',
      'Rufen Sie an. Wir helfen.',
      'Die unverzügliche Benachrichtigung der zuständigen Behörde ist verpflichtend.',
    ],
    ['tr', 'Bizi arayın. Yardım ederiz.', 'Yetkili makamın gecikmeksizin bilgilendirilmesi zorunluluk taşımaktadır.'],
  ];
  for (const [language, easy, hard] of pairs) {
    expect(readingEase(easy, language)).toBeGreaterThan(80);
    expect(readingEase(hard, language)).toBeLessThan(40);
  }
});
