// On a phone a row of tabs is wider than the page: the one that is open is moved into sight.

/** Moves the tab that is open into sight, now and whenever another is opened. */
export function inSight(nav: HTMLElement, _open: string) {
  const move = () => {
    const tab = nav.querySelector('[aria-current]')?.getBoundingClientRect();
    const box = nav.getBoundingClientRect();
    if (!tab) return;
    const over = Math.max(0, tab.right - box.right) || Math.min(0, tab.left - box.left);
    if (over) nav.scrollBy({ left: over + Math.sign(over) * 16 });
  };
  requestAnimationFrame(move);
  return { update: () => requestAnimationFrame(move) };
}
