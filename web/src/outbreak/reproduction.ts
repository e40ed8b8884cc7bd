// How high the picture of the reproduction number goes. The first days rest on few cases and can lie at
// twenty or more, which would press the line around 1 flat; what lies above is said in words.

const LOWEST_TOP = 3;

/** Returns the top of the axis for these upper limits. */
export function highestShown(uppers: number[]): number {
  if (uppers.length === 0) return LOWEST_TOP;
  const sorted = [...uppers].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const highest = sorted.at(-1) ?? 0;
  return Math.max(LOWEST_TOP, Math.ceil(Math.min(highest, middle * 1.5)));
}
