// A patient's diary on their telephone, what they ask of the authority, and what staff see of it.

import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { openAccount } from './account.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';
import { ask, newId, openCase } from './work.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
const PASSWORD = 'blauer Hund';
const BORN = '1982-05-17';
const ADDRESS = { street: 'Hauptstraße', house_number: '3 a', postcode: '68161', city: 'Mannheim' };
const HEAD = { street: 'R1, 12', postcode: '68161', city: 'Mannheim', phone_index: '0621 12345', phone_contacts: '' };
const DAY_MS = 86_400_000;
const dayFrom = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

let server: Server;
let cookies: Cookies;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  const page = await browser.newPage({ locale: 'en-GB' });
  await openAccount(page, server);
  await ask(page, 'PUT', '/letterhead', { version: 0, ...HEAD, email: '', legal_note: '' });
  for (const kind of ['welcome', 'terms', 'imprint', 'data_protection']) {
    await ask(page, 'PUT', `/public-texts/${kind}/en`, { version: 0, markup: `# About ${kind}` });
  }
  cookies = await page.context().cookies();
  await page.close();
});
test.afterAll(() => server.end());
test.beforeEach(async ({ context, page }) => {
  await context.addCookies(cookies);
  await page.goto(`${server.url}/settings`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

type Activation = { code: { message_id: string } };
type Diary = { today: string; part: string };
type Phone = { phone: Page; context: BrowserContext };

/** Opens a case in quarantine and invites by letter; gives the case and its code. */
async function invited(desk: Page, firstName: string, lastName: string) {
  const caseId = await openCase(desk, {
    first_name: firstName,
    last_name: lastName,
    mobile: '0170 1234567',
    ...ADDRESS,
  });
  const days = { first: dayFrom(-5), last: dayFrom(8), why: '', seen: null };
  await ask(desk, 'PUT', `/cases/${caseId}/quarantine`, days);
  const { code } = await ask<Activation>(desk, 'POST', `/cases/${caseId}/activation`, { channel: 'letter' });
  const message = await ask<{ content: { text: string } }>(desk, 'GET', `/messages/${code.message_id}`);
  return { caseId, code: /enrol#([A-Z0-9-]+)/.exec(message.content.text)?.[1] ?? '' };
}

/** Asks the server as the patient's page would. */
async function own<T>(phone: Page, method: string, path: string, body?: unknown): Promise<T> {
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
async function tellAll(phone: Page, caseId: string) {
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
async function enrolled(desk: Page, browser: Browser, firstName: string, lastName: string) {
  const { caseId, code } = await invited(desk, firstName, lastName);
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 390, height: 844 }, hasTouch: true });
  const phone = await context.newPage();
  await phone.goto(`${server.url}/LOCAL/enrol`);
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
  await phone.goto(`${server.url}/LOCAL/patient`);
  await heading(phone, `Hello ${firstName}`);
  return { phone, context, caseId, part: now.part === 'morning' ? 'Morning' : 'Evening' };
}

const heading = (phone: Page, name: string | RegExp) =>
  expect(phone.getByRole('heading', { level: 1, name })).toBeVisible();
const card = (phone: Page, part: string) => phone.getByRole('region', { name: part, exact: true });

/** No fault and nothing sideways, light and dark. */
async function faults(phone: Page, what: string) {
  for (const colorScheme of ['dark', 'light'] as const) {
    await phone.emulateMedia({ colorScheme });
    const found = await new AxeBuilder({ page: phone }).withTags(RULES).analyze();
    expect(found.violations, `${what}, ${colorScheme}`).toEqual([]);
  }
  const sideways = await phone.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(sideways, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
}

async function countTaps(phone: Page) {
  await phone.evaluate(() => {
    document.documentElement.dataset.taps = '0';
    document.addEventListener('click', () => {
      document.documentElement.dataset.taps = String(Number(document.documentElement.dataset.taps) + 1);
    });
  });
}

test('36.8 and no symptoms are two taps, and staff see it at once', async ({ page, browser }) => {
  const { phone, context, caseId, part } = await enrolled(page, browser, 'Mia', 'Tap');
  await expect(phone.getByText('Day 6 of 14.')).toBeVisible();
  await faults(phone, 'home');
  await countTaps(phone);
  await card(phone, part).getByRole('button', { name: '36.8' }).tap();
  await card(phone, part).getByRole('button', { name: 'No symptoms, send' }).tap();
  await expect(card(phone, part)).toContainText('36.8 °C, no symptoms.');
  await expect(card(phone, part).getByRole('status')).toContainText(/^\s*sent \d\d:\d\d/);
  await expect(phone.locator('html')).toHaveAttribute('data-taps', '2');
  await faults(phone, 'sent');
  await page.goto(`${server.url}/cases/${caseId}?tab=diary`);
  const row = page.getByRole('region', { name: 'Diary' }).locator('.slot', { hasText: '36.8 °C, no symptoms' });
  await expect(row).toContainText('by themselves');
  await context.close();
});

test('symptoms, whom they met, a second thought, and a rare temperature', async ({ page, browser }) => {
  const { phone, context, caseId, part } = await enrolled(page, browser, 'Mia', 'Ill');
  await card(phone, part).getByLabel('Temperature in °C').fill('44.8');
  await card(phone, part).getByRole('button', { name: 'I have symptoms' }).click();
  await heading(phone, new RegExp(`, ${part.toLowerCase()}$`));
  await expect(phone.getByLabel('Temperature in °C')).toHaveValue('44.8');
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect(phone.getByRole('alert')).toContainText('This is rare.');
  await faults(phone, 'a rare temperature');
  await phone.getByLabel('Temperature in °C').fill('48');
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect(phone.getByRole('alert').first()).toContainText('Please type your temperature');
  await faults(phone, 'no temperature');
  await phone.getByLabel('Temperature in °C').fill('39,6');
  await phone.getByLabel('Shortness of breath').check();
  await phone.getByLabel('Ali Yılmaz').check();
  await phone.getByLabel('What else should we know?').fill('The stairs are hard.');
  await phone.getByRole('button', { name: 'Back' }).click();
  await heading(phone, 'Hello Mia');
  await phone.reload();
  await heading(phone, 'Hello Mia');
  await card(phone, part).getByRole('button', { name: 'I have symptoms' }).click();
  await expect(phone.getByLabel('Shortness of breath')).toBeChecked();
  await expect(phone.getByLabel('What else should we know?')).toHaveValue('The stairs are hard.');
  await faults(phone, 'entry');
  await phone.getByRole('button', { name: 'Send' }).click();
  await heading(phone, 'Hello Mia');
  await expect(card(phone, part)).toContainText('39.6 °C, Shortness of breath.');
  await page.goto(`${server.url}/cases/${caseId}?tab=diary`);
  const diary = page.getByRole('region', { name: 'Diary' });
  await expect(diary.locator('.slot', { hasText: 'The stairs are hard.' })).toContainText('Ali Yılmaz');
  const work = await ask<{ items: { kind: string; resolution: string | null }[] }>(
    page,
    'GET',
    `/cases/${caseId}/work`,
  );
  const waiting = work.items.filter((item) => item.resolution === null).map((item) => item.kind);
  expect(waiting).toEqual(expect.arrayContaining(['increased_temperature', 'suspicious_symptom']));
  await card(phone, part).getByRole('button', { name: 'Change' }).click();
  await phone.getByLabel('Shortness of breath').uncheck();
  await phone.getByLabel('Cough', { exact: true }).check();
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect(card(phone, part)).toContainText('39.6 °C, Cough.');
  await page.reload();
  await expect(diary.locator('.slot', { hasText: 'The stairs are hard.' })).toContainText('changed by the patient');
  await context.close();
});

test('without network an entry and a wish are kept, said, and sent when it is back', async ({ page, browser }) => {
  const { phone, context, caseId, part } = await enrolled(page, browser, 'Mia', 'Offline');
  await context.setOffline(true);
  await card(phone, part).getByRole('button', { name: '37.0' }).click();
  await card(phone, part).getByRole('button', { name: 'No symptoms, send' }).click();
  await expect(card(phone, part)).toContainText('not sent yet');
  await expect(phone.getByText('There is no network.')).toBeVisible();
  await faults(phone, 'without network');
  await phone.getByRole('button', { name: 'Call me back' }).click();
  await phone.getByRole('button', { name: 'Ask for a call' }).click();
  await expect(phone.getByText('What you asked for is not sent yet.')).toBeVisible();
  await context.setOffline(false);
  await expect(card(phone, part).getByRole('status')).toContainText('sent', { timeout: 15_000 });
  await expect(phone.getByText('We know that you want a call.')).toBeVisible();
  await expect(phone.getByText('There is no network.')).toHaveCount(0);
  const diary = await ask<{ items: { entry: { said_by: string } | null }[] }>(page, 'GET', `/cases/${caseId}/diary`);
  expect(diary.items.flatMap(({ entry }) => (entry ? [entry.said_by] : []))).toEqual(['own']);
  await context.close();
});

test('a call and a message are asked for, and staff read them in the case and on the worklist', async ({
  page,
  browser,
}) => {
  const { phone, context, caseId } = await enrolled(page, browser, 'Mia', 'Words');
  await phone.getByRole('button', { name: 'Call me back' }).click();
  await heading(phone, 'Call me back');
  await faults(phone, 'call me back');
  await phone.getByLabel('What is it about?').fill('The dog must go out.');
  await phone.getByRole('button', { name: 'Back' }).click();
  await phone.getByRole('button', { name: 'Call me back' }).click();
  await expect(phone.getByLabel('What is it about?')).toHaveValue('The dog must go out.');
  await phone.getByRole('button', { name: 'Ask for a call' }).click();
  await heading(phone, 'Hello Mia');
  await expect(phone.getByText('You asked for a call.')).toBeVisible();
  await phone.getByRole('button', { name: 'Write to us' }).click();
  await heading(phone, 'Write to us');
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect(phone.getByRole('alert')).toContainText('Please fill this in');
  await phone.getByLabel('Your message').fill('x'.repeat(1_001));
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect(phone.getByRole('alert')).toContainText('Please write less');
  await faults(phone, 'write to us');
  await phone.getByLabel('Your message').fill('When do I get my letter?');
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect(phone.getByText('We have your message.')).toBeVisible();
  await faults(phone, 'asked');
  await page.goto(`${server.url}/cases/${caseId}?tab=calls`);
  const log = page.getByRole('listitem').filter({ hasText: 'When do I get my letter?' });
  await expect(log).toContainText('the patient');
  await expect(page.getByRole('listitem').filter({ hasText: 'The dog must go out.' })).toBeVisible();
  await page.goto(`${server.url}/worklist`);
  const row = page.getByRole('grid', { name: 'the worklist' }).getByRole('row').filter({ hasText: 'Words' });
  await expect(row).toContainText('Call back');
  await expect(row).toContainText('Message');
  await context.close();
});

test('who acts for a child says for whom', async ({ page, browser }) => {
  const { phone, context, part } = await enrolled(page, browser, 'Mia', 'Family');
  const child = await invited(page, 'Kim', 'Family');
  await own(phone, 'POST', '/cases', { code: child.code, born: BORN, accepts: { language: 'en', version: 1 } });
  await tellAll(phone, child.caseId);
  await phone.reload();
  const whom = phone.getByRole('group', { name: 'For whom?' });
  await expect(whom.getByRole('button', { name: 'Mia' })).toHaveAttribute('aria-pressed', 'true');
  await whom.getByRole('button', { name: 'Kim' }).click();
  await faults(phone, 'two persons');
  await card(phone, part).getByRole('button', { name: '36.6' }).click();
  await card(phone, part).getByRole('button', { name: 'No symptoms, send' }).click();
  await expect(card(phone, part)).toContainText('36.6 °C');
  await whom.getByRole('button', { name: 'Mia' }).click();
  await expect(card(phone, part).getByRole('button', { name: 'No symptoms, send' })).toBeVisible();
  const diary = await ask<{ items: { entry: object | null }[] }>(page, 'GET', `/cases/${child.caseId}/diary`);
  expect(diary.items.filter(({ entry }) => entry)).toHaveLength(1);
  await context.close();
});

test('in German and Turkish, and without reminders', async ({ page, browser }) => {
  const { phone, context, part } = await enrolled(page, browser, 'Mia', 'Tongue');
  await phone.getByLabel('Send me an e-mail if I forget my diary').uncheck();
  await expect(phone.getByText('We will not remind you.')).toBeVisible();
  await phone.reload();
  await expect(phone.getByLabel('Send me an e-mail if I forget my diary')).not.toBeChecked();
  for (const [language, halves, well] of [
    ['de', { Morning: 'Morgen', Evening: 'Abend' }, 'Keine Beschwerden, senden'],
    ['tr', { Morning: 'Sabah', Evening: 'Akşam' }, 'Şikâyetim yok, gönder'],
  ] as const) {
    await phone.locator('.bar-top select').selectOption(language);
    await expect(card(phone, halves[part as 'Morning']).getByRole('button', { name: well })).toBeVisible();
    await expect(card(phone, halves[part as 'Morning']).getByRole('button', { name: '36,8' })).toBeVisible();
    await faults(phone, language);
  }
  await context.close();
});

test('a session that ended loses nothing that was typed', async ({ page, browser }) => {
  const { phone, context, part }: Phone & { part: string } = await enrolled(page, browser, 'Mia', 'Idle');
  await card(phone, part).getByLabel('Temperature in °C').fill('36.9');
  await context.clearCookies();
  await card(phone, part).getByRole('button', { name: 'No symptoms, send' }).click();
  await heading(phone, 'Sign in');
  await phone.getByLabel('User name').fill('miaidle');
  await phone.getByLabel('Password').fill(PASSWORD);
  await phone.getByRole('button', { name: 'Sign in' }).click();
  await expect(card(phone, part)).toContainText('36.9 °C, no symptoms.');
  await expect(card(phone, part).getByRole('status')).toContainText('sent');
  await context.close();
});
