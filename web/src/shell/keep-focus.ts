// The focus is never lost. Where what had it goes away, such as a row that was deleted or a button that became an
// answer, it goes to the nearest thing around it that can have it: a list, or the heading of what is left.

const HEADINGS = 'h1, h2, h3';

/** Watches until the returned function is called. */
export function keepFocus(): () => void {
  /** What has the focus and all that is around it, from the inside out. */
  let path: Element[] = [];
  /** Has the focus only until there is a heading, while a view is being read. */
  let meanwhile: Element | null = null;

  const remember = (event: FocusEvent) => {
    if (event.target === meanwhile) return;
    path = event.composedPath().filter((one) => one instanceof Element);
    meanwhile = null;
  };
  const look = () => {
    const now = document.activeElement;
    const isLost = now === null || now === document.body || now === meanwhile;
    if (!isLost || path.length === 0 || path[0]?.isConnected) return;
    const to = nearest(path.filter((one) => one.isConnected));
    if (to) {
      to.focus();
      return;
    }
    meanwhile = document.querySelector<HTMLElement>('main[tabindex]');
    if (meanwhile !== now) (meanwhile as HTMLElement | null)?.focus({ preventScroll: true });
  };
  const watcher = new MutationObserver(look);
  watcher.observe(document.body, { childList: true, subtree: true });
  document.addEventListener('focusin', remember);
  return () => {
    watcher.disconnect();
    document.removeEventListener('focusin', remember);
  };
}

/** Returns what gets the focus, of what is around the place where it was. */
function nearest(around: Element[]): HTMLElement | null {
  for (const one of around) {
    if (one instanceof HTMLElement && one.hasAttribute('tabindex') && one.tagName !== 'MAIN') return one;
    const heading = one.querySelector<HTMLElement>(HEADINGS);
    if (!heading) continue;
    heading.tabIndex = -1;
    return heading;
  }
  return null;
}
