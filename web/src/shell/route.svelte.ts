// Where we are. The view is the URL: a path, and clear filters and ids after it; never a name.

let path = $state(window.location.pathname);
let search = $state(window.location.search);
// The focus goes to the heading of a view that was just opened, wherever it is drawn.
let arriving = false;
let leaving: (() => boolean) | null = null;

export const route = {
  get path() {
    return path;
  },
  get search() {
    return search;
  },
  get query() {
    return new URLSearchParams(search);
  },
  /** The whole address without the host, to come back to. */
  get here() {
    return path + search;
  },
};

/** Opens another view, or the same one with other filters. */
export function go(href: string, { replace = false }: { replace?: boolean } = {}) {
  const to = new URL(href, window.location.href);
  if (leaving && to.pathname !== path && !leaving()) return;
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  arrive();
}

/** Returns this address with other parameters; null takes one away. */
export function hrefWith(changes: Record<string, string | null>): string {
  const query = new URLSearchParams(search);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(key);
    else query.set(key, value);
  }
  const text = query.toString();
  return path + (text ? `?${text}` : '');
}

/** Changes parameters of this view. Going back undoes it. */
export function setQuery(changes: Record<string, string | null>, options: { replace?: boolean } = {}) {
  go(hrefWith(changes), options);
}

function arrive() {
  if (window.location.pathname !== path) {
    arriving = true;
    window.scrollTo(0, 0);
  }
  path = window.location.pathname;
  search = window.location.search;
}

/** Puts the focus on the heading of a view that was just opened. For `use:` on headings. */
export function heading(node: HTMLElement) {
  node.tabIndex = -1;
  if (!arriving) return;
  arriving = false;
  node.focus({ preventScroll: true });
}

/** Lets links inside the page change the view without loading it again. */
export function followLinks(): () => void {
  const click = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest?.('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== window.location.origin) return;
    if (link.pathname.startsWith('/api/') || (link.hash && link.pathname === path)) return;
    event.preventDefault();
    go(link.href);
  };
  document.addEventListener('click', click);
  window.addEventListener('popstate', arrive);
  return () => {
    document.removeEventListener('click', click);
    window.removeEventListener('popstate', arrive);
  };
}

/** Asks before the view is left, for as long as `ask` stands. Null asks no more. */
export function beforeLeaving(ask: (() => boolean) | null) {
  leaving = ask;
}
