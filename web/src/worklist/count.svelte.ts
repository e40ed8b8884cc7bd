// How many wait, for the rail. Asked after what changes it and when the page comes back into sight, not by the clock:
// a page that is left alone must not keep its session alive.

import { get } from '../api/client.ts';
import type { WorklistCount } from '../api/types.ts';
import { forgetWithSession, signedIn } from '../shell/session.svelte.ts';

let count = $state.raw<WorklistCount | null>(null);
let asked = 0;

forgetWithSession(() => {
  count = null;
});

export const waiting = {
  get now(): WorklistCount | null {
    return count;
  },
};

/** Asks again. The list works without it. */
export async function countWaiting() {
  if (signedIn.where !== 'in' || !signedIn.may('work_on_cases')) return;
  asked += 1;
  const mine = asked;
  try {
    const answer = await get<WorklistCount>('/worklist/count');
    if (mine === asked) count = answer;
  } catch {
    // What was known stays.
  }
}
