// How arrow keys go from mark to mark: along a lane, and to the nearest day of the next one.

type At = { lane: number; column: number };

/** Returns the index of the mark that a key leads to, or null where the key means nothing here. */
export function nextMark(marks: At[], at: number, key: string, rtl: boolean): number | null {
  const here = marks[at];
  if (!here) return null;
  const forward = rtl ? 'ArrowLeft' : 'ArrowRight';
  const nearest = (fits: (mark: At) => boolean, far: (mark: At) => number) => {
    let best = at;
    let least = Number.POSITIVE_INFINITY;
    for (const [i, mark] of marks.entries()) {
      if (fits(mark) && far(mark) < least) {
        best = i;
        least = far(mark);
      }
    }
    return best;
  };
  const sideways = (mark: At) => Math.abs(mark.column - here.column);
  // A lane further away is always further than any day.
  const LANE = 100_000;
  switch (key) {
    case 'ArrowRight':
    case 'ArrowLeft':
      return nearest(
        (mark) => mark.lane === here.lane && (key === forward ? mark.column > here.column : mark.column < here.column),
        sideways,
      );
    case 'ArrowDown':
      return nearest(
        (mark) => mark.lane > here.lane,
        (mark) => (mark.lane - here.lane) * LANE + sideways(mark),
      );
    case 'ArrowUp':
      return nearest(
        (mark) => mark.lane < here.lane,
        (mark) => (here.lane - mark.lane) * LANE + sideways(mark),
      );
    case 'Home':
      return 0;
    case 'End':
      return marks.length - 1;
    default:
      return null;
  }
}
