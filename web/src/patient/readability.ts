// How easy a text is to read, by the formulas in use for each language; by them words are checked before they are shown.
//
// English: Flesch 1948, A new readability yardstick (doi 10.1037/h0057532). German: Amstad 1978, Wie verständlich sind unsere
// Zeitungen?, who fitted Flesch's formula to German. Turkish: Ateşman 1997, Türkçede okunabilirliğin ölçülmesi, likewise.
// All give about 0 for what only scholars read and about 100 for what children read.

export type Readable = 'en' | 'de' | 'tr';

/** Returns the sentences of a text. A colon ends one too: what follows stands by itself. */
const sentencesOf = (text: string) =>
  text
    .split(/(?<=[.!?:])\s+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => /\p{L}/u.test(sentence));

const wordsOf = (text: string) => text.match(/[\p{L}\p{M}][\p{L}\p{M}'’]*/gu) ?? [];

const VOWELS: Record<Readable, RegExp> = {
  en: /[aeiouy]+/g,
  // Two vowels that are spoken as one.
  de: /aa|ee|oo|ie|ei|ai|eu|äu|au|ey|[aeiouyäöü]/g,
  // Each vowel is a syllable.
  tr: /[aeıioöuüâîû]/g,
};

/** Counts the syllables of a word: at least one. */
export function syllables(word: string, language: Readable): number {
  const small = word.toLocaleLowerCase(language);
  const n = small.match(VOWELS[language])?.length ?? 0;
  if (language !== 'en') return Math.max(1, n);
  // An e at the end is silent, as are those of -es and -ed after most letters; not that of -le after a consonant.
  const silent = /[^aeiouyl]e$|[aeiouy]le$|[^aeiouytd]ed$|[^aeiouysxzcgh]es$/.test(small) ? 1 : 0;
  return Math.max(1, n - silent);
}

/** Returns the reading ease of a text. */
export function readingEase(text: string, language: Readable): number {
  const words = wordsOf(text);
  const wordsPerSentence = words.length / sentencesOf(text).length;
  const perWord = words.reduce((n, word) => n + syllables(word, language), 0) / words.length;
  if (language === 'en') return 206.835 - 1.015 * wordsPerSentence - 84.6 * perWord;
  if (language === 'de') return 180 - wordsPerSentence - 58.5 * perWord;
  return 198.825 - 40.175 * perWord - 2.61 * wordsPerSentence;
}

/** Lists the blocks of a catalogue that are sentences and long enough to be measured: one sentence of one word says nothing. */
export function blocksOf(catalogue: object, least: number): { at: string; text: string }[] {
  const found: { at: string; text: string }[] = [];
  const walk = (value: unknown, at: string) => {
    if (typeof value === 'function') walk(value('7', '14'), at);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(inner, at ? `${at}.${key}` : key);
    } else if (typeof value === 'string' && /[.!?]$/.test(value.trim()) && wordsOf(value).length >= least) {
      found.push({ at, text: value });
    }
  };
  walk(catalogue, '');
  return found;
}
