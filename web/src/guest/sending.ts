// What is told to the server for a stay, and what its answer makes of the stay. One step at a time, the first that is due.

import { type Answer, ask } from './ask.ts';
import type { CheckedIn, CheckedOut } from './bodies.ts';
import { clockOffset } from './clock.ts';
import { admitted, isSent, movedBy, proofsOf, type Refusal, type Stay } from './stays.ts';

/** Clocks that differ by less explain no refusal. */
const WRONG_CLOCK_MS = 60_000;

/**
 * What became of a step: what it makes of the stay as it is by now, null where the phone forgets it; or that it is to be
 * tried again, where `stop` says that the others need not try either.
 */
export type Outcome = { turns: (stay: Stay) => Stay | null } | { again: true; stop: boolean; wait_ms: number | null };

/** Says whether an answer is none that another try would give again. */
const passes = (answer: Answer | null) =>
  answer === null || answer.status === 408 || answer.status === 429 || answer.status >= 500;

/** Returns the fields that an answer names, without the place of the visit in the body: `0.name`. */
export function fieldsOf(body: unknown): string[] {
  const errors = (body as { errors?: { field?: unknown }[] } | null)?.errors;
  if (!Array.isArray(errors)) return [];
  return errors.map(({ field }) =>
    String(field)
      .replace(/^\/?visits[./[]?/, '')
      .replace(/\]/g, '')
      .replace(/\//g, '.'),
  );
}

/** Tells the server what is due for a stay. */
export async function tell(stay: Stay): Promise<Outcome> {
  if (stay.to_delete) return tellDeletion(stay);
  if (!isSent(stay)) return tellCheckIn(stay);
  return tellCheckOut(stay, stay.to_check_out as string);
}

const head = ({ place }: Stay) => ({ authority: place.authority, venue_id: place.venue_id });

const again = (answer: Answer | null): Outcome => ({
  again: true,
  stop: answer === null || answer.wait_ms !== null,
  wait_ms: answer?.wait_ms ?? null,
});

async function tellCheckIn(stay: Stay): Promise<Outcome> {
  const answer = await ask('POST', '/check-ins', { ...head(stay), area_id: stay.place.area_id, visits: stay.entries });
  if (!answer || passes(answer)) return again(answer);
  if (answer.status === 201) return { turns: (now) => admitted(now, answer.body as CheckedIn) };
  const refused: Refusal = { status: answer.status, fields: answer.status === 422 ? fieldsOf(answer.body) : [] };
  const wrongBy = clockOffset() - stay.clock_ms;
  const isClock = refused.fields.some((field) => /arrived_at$/.test(field)) && Math.abs(wrongBy) > WRONG_CLOCK_MS;
  return { turns: (now) => (isClock ? movedBy(now, wrongBy) : { ...now, refused }) };
}

async function tellCheckOut(stay: Stay, leftAt: string): Promise<Outcome> {
  const visits = proofsOf(stay).map((proof) => ({ ...proof, left_at: leftAt }));
  const answer = await ask('POST', '/check-outs', { ...head(stay), visits });
  if (!answer || passes(answer)) return again(answer);
  const isNewest = (now: Stay) => now.to_check_out === leftAt;
  if (answer.status !== 200) {
    const refused = { status: answer.status, fields: [] };
    return { turns: (now) => (isNewest(now) ? { ...now, to_check_out: null, refused } : now) };
  }
  const end = (answer.body as CheckedOut).visits[0]?.leaves_at ?? leftAt;
  return {
    turns: (now) => (isNewest(now) ? { ...now, to_check_out: null, ends_at: end, left_at: now.left_at && end } : now),
  };
}

async function tellDeletion(stay: Stay): Promise<Outcome> {
  const answer = await ask('POST', '/check-ins/deletions', { ...head(stay), visits: proofsOf(stay) });
  if (!answer || passes(answer)) return again(answer);
  // Unknown is as good as deleted: it never arrived, or is gone.
  if (answer.status === 204 || answer.status === 404) return { turns: () => null };
  return { turns: (now) => ({ ...now, to_delete: false, refused: { status: answer.status, fields: [] } }) };
}
