// The one keyboard map. Whatever can be done from here has a name and perhaps keys; views add theirs while
// they are open. The palette lists the names, the key map the keys, and one listener serves both.

import { singleKeys } from '../look/preferences.svelte.ts';

export type Action = {
  id: string;
  name: string;
  /** As in KeyboardEvent.key, with `Ctrl+` before it. */
  keys?: string[];
  group: 'move' | 'page' | 'go' | 'always';
  run: () => void;
  /** False: only a key, such as "next row", that no palette needs. */
  listed?: boolean;
};

let sets = $state.raw<{ actions: Action[] }[]>([]);

/** Returns all that can be done now. Where two have the same key, the view's own comes first. */
export function actionsNow(): Action[] {
  return sets.toReversed().flatMap((set) => set.actions);
}

/** Adds actions for as long as a component is shown. Call while it is being set up. */
export function actions(make: () => Action[]) {
  $effect(() => {
    const set = { actions: make() };
    queueMicrotask(() => {
      sets = [...sets, set];
    });
    return () => {
      queueMicrotask(() => {
        sets = sets.filter((other) => other !== set);
      });
    };
  });
}

const TYPES_TEXT = new Set(['text', 'search', 'password', 'email', 'tel', 'number', 'date', 'url']);

/** Says whether typing here writes text, so that letters are no commands. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  if (target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && TYPES_TEXT.has(target.type);
}

/** Returns the name of a pressed key, such as `Ctrl+k` or `?`. */
export function keyName(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey'>): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.ctrlKey || event.metaKey ? `Ctrl+${key}` : key;
}

function press(event: KeyboardEvent) {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const key = keyName(event);
  const target = event.target;
  const typing = isTyping(target);
  if (typing && !key.startsWith('Ctrl+')) return;
  if (target instanceof Element && target.closest('dialog')) return;
  if (key.length === 1 && !singleKeys.now) return;
  // Enter and arrows belong to what has the focus, where that is a control.
  if (key.length > 1 && target instanceof Element && target.closest('a, button, summary, input, [role=treeitem]')) {
    if (key !== 'Escape' && !key.startsWith('Ctrl+')) return;
  }
  // What lies in front is closed first, by the browser.
  if (key === 'Escape' && document.querySelector(':popover-open')) return;
  const action = actionsNow().find((one) => one.keys?.includes(key));
  if (!action) return;
  event.preventDefault();
  action.run();
}

/** Listens for keys until the returned function is called. */
export function listenForKeys(): () => void {
  document.addEventListener('keydown', press);
  return () => document.removeEventListener('keydown', press);
}
