// How near somebody was, in words. Only what was measured or said is put into words; nothing is guessed.

import type { Evidence } from '../api/types.ts';
import { say, t } from '../words/words.svelte.ts';

/** Returns "1.2 m" for the nearest measured distance, "same area" for visits, or null where nothing says it. */
export function closenessWords(evidence: Evidence[]): string | null {
  const distances = evidence.map((one) => one.distance_m).filter((distance) => distance !== null);
  if (distances.length) return t().exposures.metres(say.number(Math.min(...distances), 1));
  if (evidence.some((one) => one.kind === 'visit')) return t().exposures.sameArea;
  if (evidence.some((one) => one.kind === 'airing')) return t().exposures.beforeAiring;
  return null;
}
