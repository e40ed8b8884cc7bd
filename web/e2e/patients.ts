// Patients who are at their own page, on telephones of their own; set up through the API as the page would.

import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { openAccount } from './account.ts';
import type { Server } from './server.ts';
import { type Cookies, expect } from './test.ts';
import { ask, newId, openCase } from './work.ts';

export const PASSWORD = 'blauer Hund';
export const BORN = '1982-05-17';
const ADDRESS = { street: 'Hauptstraße', house_number: '3 a', postcode: '68161', city: 'Mannheim' };
const HEAD = { street: 'R1, 12', postcode: '68161', city: 'Mannheim', phone_index: '0621 12345', phone_contacts: '' };
const DAY_MS = 86_400_000;
export const dayFrom = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

/** Writes all that an authority needs before it can invite; gives the cookies of who did. */
export async function prepareOffice(browser: Browser, server: Server): Promise<Cookies> {
  const page = await browser.newPage({ locale: 'en-GB' });
  await openAccount(page, server);
  await ask(page, 'PUT', '/letterhead', { version: 0, ...HEAD, email: '', legal_note: '' });
  for (const kind of ['welcome', 'terms', 'imprint', 'data_protection']) {
    await ask(page, 'PUT', `/public-texts/${kind}/en`, { version: 0, markup: `# About ${kind}` });
  }
  const cookies = await page.context().cookies();
  await page.close();
  return cookies;
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];

type Activation = { code: { message_id: string } };
type Diary = { today: string; part: string };
export type Phone = { phone: Page; context: BrowserContext };

/** Opens a case in quarantine and invites by letter; gives the case and its code. */
export async function invited(
  desk: Page,
  firstName: string,
  lastName: string,
  details: Record<string, string | null> = {},
) {
  const caseId = await openCase(desk, {
    first_name: firstName,
    last_name: lastName,
    mobile: '0170 1234567',
    ...ADDRESS,
    ...details,
  });
  const days = { first: dayFrom(-5), last: dayFrom(8), why: '', seen: null };
  await ask(desk, 'PUT', `/cases/${caseId}/quarantine`, days);
  const { code } = await ask<Activation>(desk, 'POST', `/cases/${caseId}/activation`, { channel: 'letter' });
  const message = await ask<{ content: { text: string } }>(desk, 'GET', `/messages/${code.message_id}`);
  return { caseId, code: /enrol#([A-Z0-9-]+)/.exec(message.content.text)?.[1] ?? '' };
}

/** Asks the server as the patient's page would. */
export async function own<T>(phone: Page, method: string, path: string, body?: unknown): Promise<T> {
  return phone.evaluate(
    async ([method, path, body]) => {
      const session = await (await fetch('/api/v1/patient/session')).json();
      const answer = await fetch(`/api/v1/patient${path}`, {
        method: method as string,
        headers: { 'content-type': 'application/json', 'x-epitrace-csrf': session.csrf ?? '' },
        body: body === undefined ? null : JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer.status === 204 ? null : answer.json();
    },
    [method, path, body] as const,
  );
}

/** Tells what enrolment asks for, so that the case is in tracking. */
export async function tellAll(phone: Page, caseId: string) {
  const at = `/cases/${caseId}`;
  await own(phone, 'PATCH', `${at}/details`, { changes: { sex: 'female', says_no_email: 'yes' } });
  const no = { is_so: false, text: null };
  await own(phone, 'PUT', `${at}/questionnaire`, {
    has_symptoms: false,
    onset: null,
    symptoms: [],
    infected_on: null,
    infected_at: null,
    family_doctor: null,
    condition: no,
    medical_staff: no,
    vulnerable_contact: no,
  });
  const said = { first_name: 'Ali', last_name: 'Yılmaz', phone: '0621 999999' };
  const met = { contact_id: newId(), kind: 'household', first_day: dayFrom(-1), last_day: dayFrom(-1), said };
  await own(phone, 'POST', `${at}/contacts`, met);
  await own(phone, 'POST', `${at}/completion`, {});
}

/** Somebody in tracking, on a telephone of their own, at their page. */
export async function enrolled(desk: Page, browser: Browser, firstName: string, lastName: string) {
  const base = new URL(desk.url()).origin;
  const { caseId, code } = await invited(desk, firstName, lastName);
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 390, height: 844 }, hasTouch: true });
  const phone = await context.newPage();
  await phone.goto(`${base}/LOCAL/enrol`);
  await phone.evaluate(
    async ([code, born, name, password]) => {
      const body = {
        authority: 'LOCAL',
        code,
        born,
        user_name: name,
        password,
        accepts: { language: 'en', version: 1 },
        language: 'en',
      };
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch('/api/v1/activation/redeem', { method: 'POST', headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    [code, BORN, `${firstName}${lastName}`.toLowerCase(), PASSWORD],
  );
  await tellAll(phone, caseId);
  const now = await own<Diary>(phone, 'GET', `/cases/${caseId}/diary`);
  await phone.goto(`${base}/LOCAL/patient`);
  await heading(phone, `Hello ${firstName}`);
  return { phone, context, caseId, part: now.part === 'morning' ? 'Morning' : 'Evening' };
}

export const heading = (phone: Page, name: string | RegExp) =>
  expect(phone.getByRole('heading', { level: 1, name })).toBeVisible();

/** No fault and nothing sideways, light and dark. */
export async function faults(phone: Page, what: string) {
  for (const colorScheme of ['dark', 'light'] as const) {
    await phone.emulateMedia({ colorScheme });
    const found = await new AxeBuilder({ page: phone }).withTags(RULES).analyze();
    expect(found.violations, `${what}, ${colorScheme}`).toEqual([]);
  }
  const sideways = await phone.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(sideways, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
}
