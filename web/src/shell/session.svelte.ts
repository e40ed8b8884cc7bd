// Who is signed in. A session that ends leaves the address alone, so that signing in again comes back to
// the same view.

import { forgetAnswers, get, post, put, remove, setCsrf, whenSignedOut } from '../api/client.ts';
import { asProblem, Problem } from '../api/problem.ts';
import type { Accepted, Session } from '../api/types.ts';
import { inAuthority } from '../words/words.svelte.ts';

type Where = 'asking' | 'out' | 'in' | 'unreachable';

let where = $state<Where>('asking');
let session = $state.raw<Session | null>(null);
// The session ended while somebody was working, rather than never having begun.
let ended = $state(false);

const forgets: (() => void)[] = [];
let lastAccount: string | null = null;

/** Calls back when somebody signs out, or somebody else signs in: what was typed is nobody else's. */
export function forgetWithSession(forget: () => void) {
  forgets.push(forget);
}
function forgetAll() {
  for (const forget of forgets) forget();
}

export const signedIn = {
  get where() {
    return where;
  },
  get ended() {
    return ended;
  },
  /** The session. Only for views that are shown to somebody who is signed in. */
  get session(): Session {
    if (!session) throw new Problem('signed-out');
    return session;
  },
  may(action: string): boolean {
    return session?.may.includes(action) ?? false;
  },
};

function enter(now: Session) {
  const account = `${now.account_id} ${now.authority.short_code}`;
  if (lastAccount !== null && lastAccount !== account) forgetAll();
  lastAccount = account;
  setCsrf(now.csrf);
  inAuthority(now.authority.time_zone, now.today);
  session = now;
  where = 'in';
  ended = false;
}

function leave(byItself: boolean) {
  setCsrf(null);
  forgetAnswers();
  if (!byItself) forgetAll();
  // Several requests may learn of the end at once; the first one counts.
  if (where === 'in') ended = byItself;
  session = null;
  where = 'out';
}

whenSignedOut(() => leave(true));

/** Asks the server who is signed in here. */
export async function askWho() {
  try {
    enter(await get<Session>('/session'));
  } catch (error) {
    const problem = asProblem(error);
    if (problem.kind === 'signed-out') leave(false);
    else where = 'unreachable';
  }
}

export async function signIn(words: {
  authority: string | null;
  user_name: string;
  password: string;
  code: string | null;
}) {
  enter(await post<Session>('/session', words));
}

/** Enters the session that an accepted invitation has begun. */
export function begin(accepted: Accepted) {
  enter(accepted.session);
}

export async function signOut() {
  await remove('/session').catch(() => {});
  leave(false);
}

export async function switchAuthority(shortCode: string) {
  const now = await put<Session>('/session/authority', { short_code: shortCode });
  forgetAnswers();
  enter(now);
}
