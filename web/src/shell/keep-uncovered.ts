// What has the focus can be seen: where something that sticks to an edge lies over it, it is moved into the middle.

/** Watches until the returned function is called. */
export function keepUncovered(): () => void {
  const focused = (event: FocusEvent) => {
    const one = event.target;
    if (!(one instanceof HTMLElement) || !one.matches(':focus-visible')) return;
    uncover(one);
    // The browser may scroll only now.
    requestAnimationFrame(() => one === document.activeElement && uncover(one));
  };
  document.addEventListener('focusin', focused);
  return () => document.removeEventListener('focusin', focused);
}

function uncover(one: HTMLElement) {
  const box = one.getBoundingClientRect();
  if (box.height > window.innerHeight / 2) return;
  const over = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
  if (over && (one.contains(over) || over.contains(one) || !sticks(over))) return;
  one.scrollIntoView({ block: 'center', inline: 'nearest' });
}

function sticks(one: Element | null): boolean {
  if (!one) return false;
  return ['sticky', 'fixed'].includes(getComputedStyle(one).position) || sticks(one.parentElement);
}
