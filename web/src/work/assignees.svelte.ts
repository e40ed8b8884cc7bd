// Those to whom cases can be given, read once a session.

import { get } from '../api/client.ts';
import type { Assignee } from '../api/types.ts';
import { forgetWithSession } from '../shell/session.svelte.ts';

let all = $state.raw<Assignee[]>([]);
let asked = false;

forgetWithSession(() => {
  all = [];
  asked = false;
});

/** Reads them anew, such as when a name isn't among them. */
export async function readAssignees() {
  asked = true;
  try {
    all = (await get<{ items: Assignee[] }>('/assignees')).items;
  } catch {
    // Cases stay with whom they are; the next look asks again.
    asked = false;
  }
}

/** Returns them, as far as they are known; the first time asks. */
export function assignees(): Assignee[] {
  if (!asked) queueMicrotask(() => void (asked || readAssignees()));
  return all;
}

/** Returns the user name of an account, or null where it can be given no cases any more. */
export function assigneeName(accountId: string): string | null {
  return assignees().find((one) => one.account_id === accountId)?.name ?? null;
}
