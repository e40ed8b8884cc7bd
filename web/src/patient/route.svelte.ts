// Where somebody is: /CODE/enrol, and all below /CODE/patient and /CODE/about. Ids stand in addresses, codes behind the # alone.

let path = $state(window.location.pathname);
/** Whether the browser's own back or forward led here. */
let wentBack = false;
const isFromHere = () => window.history.state?.fromHere === true;
let fromHere = $state(isFromHere());

export const route = {
  get path() {
    return path;
  },
  /** Short code of the authority. */
  get authority() {
    return path.split('/')[1] ?? '';
  },
  /** What comes after the authority. */
  get parts() {
    return path.split('/').slice(2).filter(Boolean);
  },
};

/** Goes to an address below the authority, such as `patient/sign-in`. */
export function go(to: string, { replace = false } = {}) {
  const address = `/${route.authority}/${to}`;
  if (replace) window.history.replaceState(window.history.state, '', address);
  else window.history.pushState({ fromHere: true }, '', address);
  wentBack = false;
  fromHere = isFromHere();
  path = window.location.pathname;
  window.scrollTo(0, 0);
}

export const goBack = () => window.history.back();

/** Whether somebody came back to this page, and goes on with what they typed. */
export const cameBack = () => wentBack;

/** Whether the page before is one of these, so that back stays here. */
export const cameFromHere = () => fromHere;

/** Goes where a link leads without loading the page anew, unless somebody wants another window. */
export function follow(event: MouseEvent, to: string) {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(to);
}

/** Follows the browser's own back and forward. */
export function followHistory(): () => void {
  const follow = () => {
    wentBack = true;
    fromHere = isFromHere();
    path = window.location.pathname;
  };
  window.addEventListener('popstate', follow);
  return () => window.removeEventListener('popstate', follow);
}
