// Where somebody was in the worklist, for as long as the page is open.

import { forgetWithSession } from '../shell/session.svelte.ts';

export const worklistMemory = {
  /** The address of the list that was read last. */
  href: '/worklist',
  /** Whose case was at hand. */
  current: null as string | null,
};

forgetWithSession(() => {
  worklistMemory.href = '/worklist';
  worklistMemory.current = null;
});
