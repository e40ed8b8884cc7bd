// The phone's clock, corrected by the last one that a server showed in the header `Date`.

/** Smaller differences are those of the header, which has whole seconds, and of the way. */
const NOTICED_MS = 2_000;

let offset = 0;

/** Milliseconds by which the server is ahead of this phone. */
export const clockOffset = () => offset;
export const setClockOffset = (ms: number) => {
  offset = ms;
};

/** Now, as the server would say. */
export const now = () => Date.now() + offset;

/** Says how far a server is ahead, by its header and by when the phone had asked and got the answer. */
export function offsetOf(header: string | null, askedAt: number, answeredAt: number): number | null {
  const shown = header ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(shown)) return null;
  const found = shown + 500 - (askedAt + answeredAt) / 2;
  return Math.abs(found) < NOTICED_MS ? 0 : Math.round(found);
}

/** Corrects the clock by an answer's header. */
export function hear(header: string | null, askedAt: number, answeredAt: number) {
  const found = offsetOf(header, askedAt, answeredAt);
  if (found !== null) offset = found;
}
