// Where somebody is: /CODE/enrol and all below /CODE/patient. Ids stand in addresses, codes behind the # alone.

let path = $state(window.location.pathname);

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
  if (replace) window.history.replaceState(null, '', address);
  else window.history.pushState(null, '', address);
  path = window.location.pathname;
  window.scrollTo(0, 0);
}

export const goBack = () => window.history.back();

/** Follows the browser's own back and forward. */
export function followHistory(): () => void {
  const follow = () => {
    path = window.location.pathname;
  };
  window.addEventListener('popstate', follow);
  return () => window.removeEventListener('popstate', follow);
}
