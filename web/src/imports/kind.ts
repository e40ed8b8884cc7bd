// What a file probably is, from its first line. Only a guess for the first choice: the reader decides.

import type { ImportKind } from '../api/types.ts';

const SIGNS: [ImportKind, RegExp[]][] = [
  ['laboratory', [/sample|specimen|probe|auftrag/, /^result|finding|befund|ergebnis/]],
  ['infections', [/infector|^from$|^source/, /infected|infectee|^to$|^target/]],
  ['encounters', [/^time$|timestamp|^from$|begin/, /^a$|^i$|person_?1|device_?1/, /^b$|^j$|person_?2|device_?2/]],
  [
    'visits',
    [/venue|place|location|ward|room/, /^from$|^in$|arriv|check_?in|begin/, /^until$|^to$|^out$|leav|check_?out|end/],
  ],
];

/** Returns the kind that a header line speaks of, or null where it says nothing. */
export function guessKind(head: string): ImportKind | null {
  const line = head.split(/\r?\n/, 1)[0] ?? '';
  const cells = line.split(/[,;\t|]/).map((cell) =>
    cell
      .trim()
      .replace(/^["']|["']$/g, '')
      .toLowerCase(),
  );
  if (cells.length < 2) return null;
  for (const [kind, signs] of SIGNS) {
    const used = new Set<string>();
    const all = signs.every((sign) => {
      const cell = cells.find((one) => !used.has(one) && sign.test(one));
      if (cell) used.add(cell);
      return cell !== undefined;
    });
    // A line list may have such columns too, but never without what makes it one.
    if (all && !cells.some((cell) => /birth|born|^sex$|^age$/.test(cell))) return kind;
  }
  return cells.some((cell) => /onset|diag|birth|born|sex|outcome|classification/.test(cell)) ? 'cases' : null;
}

/** Reads the beginning of a file that is plain text, else nothing. */
export async function headOf(file: File): Promise<string> {
  if (/\.(gz|xlsx)$/i.test(file.name)) return '';
  return file.slice(0, 4096).text();
}
