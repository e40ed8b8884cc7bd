// What is wrong with a form, field by field, in the reader's language.

import type { Problem } from '../api/problem.ts';
import { w } from './words.svelte.ts';

export type Wrong = { id: string; text: string }[];

/** Lists the fields that must change; where the server names none, what happened stands at `whole`. */
export function wrongOf(problem: Problem | null, whole: string): Wrong {
  if (!problem) return [];
  if (problem.fields.length > 0) {
    return problem.fields.map(({ field }) => {
      const id = field.replace(/^venue\.|^address\./, '');
      return id.startsWith('hours.') ? { id: 'hours', text: w().overlap } : { id, text: w().wrong[id] ?? w().failed };
    });
  }
  if (problem.kind === 'too-many') return [{ id: whole, text: w().tooMany }];
  return [{ id: whole, text: problem.passes ? w().offline : w().failed }];
}

export const at = (wrong: Wrong, id: string) => wrong.find((one) => one.id === id)?.text ?? '';
