// The sign of each setting: a shape and a colour, so that neither has to be told apart alone. The most
// frequent settings have one of their own, the others share one.

import type { ShapeName } from '../look/shapes.ts';

export type Glyph = { shape: ShapeName; colour: string };

const GLYPHS: Glyph[] = [
  { shape: 'square', colour: 'infected' },
  { shape: 'circle', colour: 'susceptible' },
  { shape: 'solid', colour: 'suspected' },
  { shape: 'triangle', colour: 'lost' },
  { shape: 'ring', colour: 'immune' },
];
export const OTHER: Glyph = { shape: 'cross', colour: 'silent' };
export const PRIMARY: Glyph = { shape: 'circle', colour: 'text' };

/** Returns the sign of each setting, the most frequent first. */
export function glyphsOf(settings: { setting: string | null; links: number }[]): Map<string | null, Glyph> {
  const sorted = [...settings].sort((a, b) => b.links - a.links);
  return new Map(
    sorted.map(({ setting }, i): [string | null, Glyph] => [setting, setting === null ? OTHER : (GLYPHS[i] ?? OTHER)]),
  );
}
