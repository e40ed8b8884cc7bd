// Who is signed in, and for which cases they act.

import { forgetAnswers, get, post, remove, setCsrf } from '../api/client.ts';
import { asProblem, type Problem } from '../api/problem.ts';
import { forgetTyped } from './own-case.svelte.ts';
import { closeDiaries, forgetDiaries } from './own-diary.svelte.ts';
import type { OwnCase, OwnCases, PatientSession } from './types.ts';
import { chooseLanguage, hasChosen, isLanguage } from './words.svelte.ts';

type Where = 'asking' | 'in' | 'out' | 'unreachable';

export const me = $state<{ where: Where; session: PatientSession | null; cases: OwnCase[] }>({
  where: 'asking',
  session: null,
  cases: [],
});

/** For whom somebody who acts for several does it now. */
export const chosen = $state<{ caseId: string | null }>({ caseId: null });

/** Enters a session that has just begun, or that was found. */
export async function enter(session: PatientSession) {
  keepForWhoever(`${session.authority}/${session.user_name}`);
  setCsrf(session.csrf);
  me.session = session;
  if (!hasChosen() && isLanguage(session.language)) await chooseLanguage(session.language, false);
  await readCases();
  me.where = 'in';
}

export async function readCases() {
  me.cases = (await get<OwnCases>('/patient/cases')).items;
}

/** Asks whether somebody is signed in. */
export async function askWho() {
  me.where = 'asking';
  try {
    await enter(await get<PatientSession>('/patient/session'));
  } catch (error) {
    me.where = asProblem(error).passes ? 'unreachable' : 'out';
  }
}

/** Signs in; gives what is wrong, or null. */
export async function signIn(authority: string, userName: string, password: string): Promise<Problem | null> {
  try {
    const body = { authority, user_name: userName, password };
    await enter(await post<PatientSession>('/patient/session', body));
    return null;
  } catch (error) {
    return asProblem(error);
  }
}

/** Ends the session here, whether the server knows it or not: somebody else may sit here next. */
export async function signOut() {
  await remove('/patient/session').catch(() => undefined);
  leave();
}

export function leave() {
  closeDiaries();
  forgetTyped();
  expire();
}

/** A session that ended by itself: what was typed stays in this window, for whoever typed it. */
export function expire() {
  setCsrf(null);
  forgetAnswers();
  forgetDiaries();
  me.where = 'out';
  me.session = null;
  me.cases = [];
  chosen.caseId = null;
}

const OWNER = 'epitrace.typed-by';

/** Forgets what another account typed in this window. */
function keepForWhoever(owner: string) {
  try {
    if ((sessionStorage.getItem(OWNER) ?? owner) !== owner) forgetTyped();
    sessionStorage.setItem(OWNER, owner);
  } catch {
    // Nothing was kept.
  }
}
