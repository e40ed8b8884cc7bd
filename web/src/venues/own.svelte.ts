// One of one's own venues, read when its page opens.

import { get } from '../api/client.ts';
import { asProblem, type Problem } from '../api/problem.ts';
import type { OwnVenue } from './types.ts';

export function readVenue(venueId: string) {
  const it = $state<{ own: OwnVenue | null; problem: Problem | null }>({ own: null, problem: null });
  async function read() {
    it.problem = null;
    try {
      it.own = await get<OwnVenue>(`/own-venues/${encodeURIComponent(venueId)}`);
    } catch (error) {
      it.problem = asProblem(error);
    }
  }
  void read();
  return { it, read };
}
