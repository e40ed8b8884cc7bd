// What a declared contact is called: by the names that were said, else by what tells who it is.

import type { DeclaredContact } from '../api/types.ts';
import { t } from '../words/words.svelte.ts';

/** Returns the name of a declared contact. */
export function contactName({ said }: DeclaredContact): string {
  const names = [said?.first_name, said?.last_name].filter(Boolean).join(' ');
  return names || said?.hint || t().persons.unnamed;
}
