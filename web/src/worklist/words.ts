// What a row and the pane say of a person.

import type { WorklistRow } from '../api/types.ts';
import { personName } from '../persons/names.ts';
import { say, t } from '../words/words.svelte.ts';

/** Returns the name, else the reference or the file number, else "unknown". */
export function nameOf({ case: one, standing }: Pick<WorklistRow, 'case' | 'standing'>): string {
  return personName(one) || standing.file_number || t().worklist.unknown;
}

/** "woman, 44". */
export function sexAndAge({ sex, age }: { sex: string | null; age: string | null }): string {
  return [sex ? t().sexOf(sex) : null, age].filter((part) => part !== null).join(', ');
}

/** "Thu 15:40, not reached", or that there was none. */
export function lastCall({ last_call }: Pick<WorklistRow, 'last_call'>): string {
  if (!last_call) return t().work.call.none;
  return t().work.call.last(say.moment(last_call.called_at), t().work.outcomes[last_call.outcome]);
}
