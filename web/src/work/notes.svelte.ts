// What was typed about a case and not yet sent, for as long as the page is open: going to the next person, or a session
// that ends, loses nothing. Only in memory, since it is about somebody.

import { SvelteMap } from 'svelte/reactivity';
import { forgetWithSession } from '../shell/session.svelte.ts';

const kept = new SvelteMap<string, string>();
forgetWithSession(() => kept.clear());

export const noteOf = (caseId: string): string => kept.get(caseId) ?? '';

export function keepNote(caseId: string, text: string) {
  if (text) kept.set(caseId, text);
  else kept.delete(caseId);
}

/** Returns what was typed, to be sent with something; null where nothing was. */
export const noteToSend = (caseId: string): string | null => noteOf(caseId).trim() || null;
