// People who wait, put in through the API by whoever is signed in on a page.

import type { Page } from '@playwright/test';

let made = 0;

/** An id of version 7, as the page makes them. */
export function newId(): string {
  made += 1;
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${made.toString(16).padStart(12, '0')}`;
}

/** Asks the server as the page would; gives its answer. */
export async function ask<T>(page: Page, method: string, path: string, body?: unknown): Promise<T> {
  return page.evaluate(
    async ([method, path, body]) => {
      const session = await (await fetch('/api/v1/session')).json();
      const answer = await fetch(`/api/v1${path}`, {
        method: method as string,
        headers: { 'content-type': 'application/json', 'x-epitrace-csrf': session.csrf },
        body: body === undefined ? null : JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer.status === 204 ? null : answer.json();
    },
    [method, path, body] as const,
  );
}

type Details = Record<string, string | null>;

/** Whoever has all this waits for a first call only. */
const REACHABLE: Details = { born: '1982-05-17', says_no_email: 'yes' };

/** Opens a case by hand and returns its id. Nothing but the first call is open, unless details say so. */
export async function openCase(page: Page, details: Details, caseType = 'index'): Promise<string> {
  const today = new Date().toISOString().slice(0, 10);
  const opened = await ask<{ case_id: string }>(page, 'POST', '/cases', {
    case_id: newId(),
    person_id: newId(),
    person_is_known: false,
    disease: null,
    case_type: caseType,
    details: { ...(caseType === 'index' ? { tested: today } : {}), ...REACHABLE, ...details },
  });
  return opened.case_id;
}

/** Notes a call, as somebody did before. */
export async function noteCall(page: Page, caseId: string, outcome: string, backAt: string | null = null) {
  const call = { call_id: newId(), called_at: null, outcome, call_back_at: backAt, note: null };
  await ask(page, 'POST', `/cases/${caseId}/calls`, call);
}
