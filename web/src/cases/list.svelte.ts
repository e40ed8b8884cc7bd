// What the list remembers while the page is open: where the reader was, what was typed, and who comes next.
// A typed name is kept here and nowhere else: not in the address, not on the computer.

import { Preference } from '../look/preferences.svelte.ts';
import { forgetWithSession } from '../shell/session.svelte.ts';
import { type Column, FIRST_COLUMNS } from './columns.ts';

export const columns = new Preference<Column[]>('case-columns', FIRST_COLUMNS);

class ListMemory {
  text = $state('');
  scrollPx = 0;
  current = 0;
  /** The address of the list that was read last. */
  href = '/cases';
  /** Returns the case after one in the list, as far as it was read. */
  after: (caseId: string) => string | null = () => null;
}

export const listMemory = new ListMemory();

forgetWithSession(() => {
  listMemory.text = '';
  listMemory.scrollPx = 0;
  listMemory.current = 0;
  listMemory.href = '/cases';
  listMemory.after = () => null;
});
