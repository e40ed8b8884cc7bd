// Times of a venue's own day, in the time zone of its authority, wherever the browser is.

const wall = (at: number, zone: string) => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return format.format(new Date(at)).replace(' ', 'T');
};

/** "2026-11-26T19:02", on the clock of the wall there. */
export const wallOf = (at: number | string, zone: string) => wall(new Date(at).getTime(), zone).slice(0, 16);

/** Returns the instant of a time on the wall there; null for what is no time. A time that is skipped counts as the next. */
export function instantOf(text: string, zone: string): string | null {
  const asIfUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? Date.parse(`${text}:00Z`) : Number.NaN;
  if (Number.isNaN(asIfUtc)) return null;
  const offset = (at: number) => Date.parse(`${wall(at, zone)}Z`) - at;
  const first = asIfUtc - offset(asIfUtc);
  return new Date(asIfUtc - offset(first)).toISOString();
}

/** Returns the day some days later. */
export function plusDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

export type Choice = 'evening' | 'yesterday' | 'today' | 'own';

/** Returns the window of a choice, as times on the wall: yesterday from six to midnight, all of yesterday, or today. */
export function windowOf(choice: Exclude<Choice, 'own'>, now: number, zone: string): { from: string; until: string } {
  const today = wallOf(now, zone).slice(0, 10);
  const yesterday = plusDays(today, -1);
  if (choice === 'today') return { from: `${today}T00:00`, until: `${plusDays(today, 1)}T00:00` };
  return { from: `${yesterday}T${choice === 'evening' ? '18' : '00'}:00`, until: `${today}T00:00` };
}
