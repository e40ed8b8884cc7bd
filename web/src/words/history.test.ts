import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { words as de } from './de.ts';
import { words as en } from './en.ts';

const APP = join(import.meta.dirname, '../../../crates/app/src');
const sources = readdirSync(APP, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.rs'))
  .map((file) => readFileSync(join(APP, file), 'utf8'));

/** Lists the words by which the server says what brought a change about, where nobody wrote a reason. */
function causes(): string[] {
  const found = new Set<string>();
  for (const source of sources) {
    const pairs = source.matchAll(/note_change\([^;]*?\(\s*(?:"[a-z_]+"|\w+),\s*"([a-z ]+)"\s*\)/gs);
    const lines = source.matchAll(/(?:let why = |why: )[^;\n]*/g);
    for (const [, word] of pairs) if (word) found.add(word);
    for (const [line] of lines) for (const [, word] of line.matchAll(/"([a-z ]+)"/g)) if (word) found.add(word);
  }
  return [...found].sort();
}

test('the causes are found where the server writes them', () => {
  expect(causes()).toEqual(expect.arrayContaining(['by hand', 'by phone', 'by the patient', 'merge', 'questionnaire']));
});

describe.each([
  ['en', en.history.sentence],
  ['de', de.history.sentence],
])('in %s', (_, sentence) => {
  test.each(causes())('a change says what “%s” means, never the word of the program', (cause) => {
    const pairs: [string | null, string | null][] = [
      ['A', 'B'],
      [null, 'B'],
      ['A', null],
    ];
    for (const [before, after] of pairs) expect(sentence('city', before, after, cause)).not.toContain(`: ${cause}`);
  });

  test('what a reason was that somebody wrote is said', () => {
    expect(sentence('city', 'A', 'B', 'a slip of the pen')).toContain(': a slip of the pen');
  });

  test('what patients wrote themselves was not said by phone', () => {
    for (const before of [null, '36.8']) {
      const own = sentence('diary', before, '39.0', 'by the patient');
      const told = sentence('diary', before, '39.0', 'by phone');
      expect(told).toMatch(/phone|Telefon/);
      expect(own).not.toMatch(/phone|Telefon/);
      expect(own).toContain('39.0');
    }
  });
});
