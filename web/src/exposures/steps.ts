// The score as steps: each piece of evidence begins where the one before ended.

import type { Evidence } from '../api/types.ts';

export type Step = { evidence: Evidence; fromShare: number; widthShare: number };
export type Steps = { steps: Step[]; sumShare: number; limitShare: number | null };

/**
 * Returns where each piece begins and how wide it is, as shares of the picture. The limit of the rule is part
 * of the picture, unless it lies so far away that the pieces could no longer be seen.
 */
export function stepsOf(evidence: Evidence[], score: number, limitMinutes: number): Steps {
  const sorted = [...evidence].sort((a, b) => b.points - a.points);
  const sum = sorted.reduce((total, one) => total + one.points, 0);
  const shown = Math.max(sum, score);
  const full = limitMinutes > 0 && limitMinutes <= shown * 8 ? Math.max(shown, limitMinutes * 1.1) : shown;
  let at = 0;
  const steps = sorted.map((one) => {
    const fromShare = full > 0 ? at / full : 0;
    at += one.points;
    return { evidence: one, fromShare, widthShare: full > 0 ? one.points / full : 0 };
  });
  const limitShare = limitMinutes > 0 && limitMinutes <= full && full > 0 ? limitMinutes / full : null;
  return { steps, sumShare: full > 0 ? shown / full : 0, limitShare };
}
