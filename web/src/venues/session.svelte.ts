// Who is signed in, and in which venues they work.

import { forgetAnswers, get, post, remove, setCsrf } from '../api/client.ts';
import { asProblem, type Problem } from '../api/problem.ts';
import type { OwnVenues, Session } from './types.ts';

type Where = 'asking' | 'in' | 'out' | 'unreachable';

export const me = $state<{ where: Where; own: OwnVenues | null }>({ where: 'asking', own: null });

async function enter(session: Session) {
  // Staff of the authority who look at this page sign in as who they are here.
  if (session.role !== 'venue') {
    me.where = 'out';
    return;
  }
  setCsrf(session.csrf);
  await readOwn();
  me.where = 'in';
}

export async function readOwn() {
  me.own = await get<OwnVenues>('/own-venues');
}

/** Asks whether somebody is signed in. */
export async function askWho() {
  me.where = 'asking';
  try {
    await enter(await get<Session>('/session'));
  } catch (error) {
    me.where = asProblem(error).passes ? 'unreachable' : 'out';
  }
}

/** Signs in; gives what is wrong, or null. */
export async function signIn(
  authority: string,
  email: string,
  password: string,
  code: string,
): Promise<Problem | null> {
  try {
    await enter(await post<Session>('/session', { authority, user_name: email.trim(), password, code: code || null }));
    return null;
  } catch (error) {
    return asProblem(error);
  }
}

/** Ends the session here, whether the server knows it or not. */
export async function signOut() {
  await remove('/session').catch(() => undefined);
  expire();
}

export function expire() {
  setCsrf(null);
  forgetAnswers();
  me.where = 'out';
  me.own = null;
}
