// Days and times by the clock on the wall of the venue's authority.

export type ZonedTime = { year: number; month: number; day: number; hour: number; minute: number };

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Days from the arrival until nobody can read a visit any more: 14 days are kept, so the fifteenth is the first without. */
export const DELETED_AFTER_DAYS = 15;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string | null): Intl.DateTimeFormat {
  const known = formats.get(zone || '');
  if (known) return known;
  const parts = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const made = new Intl.DateTimeFormat('en-GB', { ...parts, hour12: false, timeZone: zone || undefined });
  formats.set(zone || '', made);
  return made;
}

/** Returns what the clock on the wall shows. Without a zone it is the phone's own. */
export function onTheWall(at: number, zone: string | null): ZonedTime {
  const found: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(new Date(at))) found[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = found;
  return { year, month, day, hour: hour % 24, minute };
}

const two = (n: number) => (n < 10 ? `0${n}` : `${n}`);

/** Returns the day of an instant, as `YYYY-MM-DD`. */
export function dayAt(at: number, zone: string | null): string {
  const { year, month, day } = onTheWall(at, zone);
  return `${year}-${two(month)}-${two(day)}`;
}

/** Returns `HH:MM` of an instant. */
export function timeAt(at: number, zone: string | null): string {
  const { hour, minute } = onTheWall(at, zone);
  return `${two(hour)}:${two(minute)}`;
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Returns the day on which the key of a visit is destroyed. */
export const deletedOn = (arrivedAt: number, zone: string | null) =>
  addDays(dayAt(arrivedAt, zone), DELETED_AFTER_DAYS);

/** Minutes by which the wall is ahead of UTC. */
function aheadBy(at: number, zone: string | null): number {
  const { year, month, day, hour, minute } = onTheWall(at, zone);
  return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(at / 60_000) * 60_000;
}

/** Returns the next instant after `after` at which the wall shows `HH:MM`, or null where the text is no time. */
export function nextAt(time: string, after: number, zone: string | null): number | null {
  const read = /^(\d{1,2})[:.](\d{2})$/.exec(time.trim());
  if (!read || Number(read[1]) > 23 || Number(read[2]) > 59) return null;
  for (const days of [0, 1]) {
    const day = addDays(dayAt(after, zone), days);
    const wall = Date.parse(`${day}T${two(Number(read[1]))}:${read[2]}:00Z`);
    const guess = wall - aheadBy(wall, zone);
    // Near a change of the clocks the first guess may lie on the other side of it.
    const at = wall - aheadBy(guess, zone);
    if (at > after) return at;
  }
  return null;
}
