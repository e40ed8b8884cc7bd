// A patient's way from the letter's link to enrolled, on a telephone, through a moment without network; and what staff see.

import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { openAccount } from './account.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';
import { ask, openCase } from './work.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
const PASSWORD = 'blauer Hund';
const ADDRESS = { street: 'Hauptstraße', house_number: '3 a', postcode: '68161', city: 'Mannheim' };
const HEAD = { street: 'R1, 12', postcode: '68161', city: 'Mannheim', phone_index: '0621 12345', phone_contacts: '' };

type Activation = { status: string; code: { message_id: string; state: string } };

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

/** Invites by letter; gives the case and the link that stands on the letter. */
async function invited(desk: Page, details: Record<string, string> = {}) {
  const caseId = await openCase(desk, { last_name: "O'Neill", ...ADDRESS, ...details });
  const { code } = await ask<Activation>(desk, 'POST', `/cases/${caseId}/activation`, { channel: 'letter' });
  const message = await ask<{ content: { text: string } }>(desk, 'GET', `/messages/${code.message_id}`);
  const link = /http\S+enrol#[A-Z0-9-]+/.exec(message.content.text)?.[0] ?? '';
  expect(link).toContain('/LOCAL/enrol#');
  return { caseId, link };
}

/** A telephone of somebody who never was here. */
async function telephone(browser: Browser): Promise<{ phone: Page; context: BrowserContext }> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 390, height: 844 }, hasTouch: true });
  return { phone: await context.newPage(), context };
}

const next = (phone: Page) => phone.getByRole('button', { name: 'Continue' }).click();
const heading = (phone: Page, name: string) => expect(phone.getByRole('heading', { level: 1, name })).toBeVisible();

async function typeDay(phone: Page, day: string, month: string, year: string) {
  await phone.getByLabel('Day', { exact: true }).fill(day);
  await phone.getByLabel('Month').fill(month);
  await phone.getByLabel('Year').fill(year);
}

async function openTheAccount(phone: Page, link: string, userName: string) {
  await phone.goto(link);
  await phone.getByRole('button', { name: 'Begin' }).click();
  await typeDay(phone, '17', '5', '1982');
  await next(phone);
  await phone.getByLabel('User name').fill(userName);
  await phone.getByLabel('Password').fill(PASSWORD);
  await phone.getByLabel('I have read').check();
  await phone.getByRole('button', { name: 'Create account' }).click();
  await heading(phone, 'What is your name?');
}

test('from the letter to enrolled, with one hand and without network for a while', async ({ page, browser }) => {
  const { caseId, link } = await invited(page);
  const { phone, context } = await telephone(browser);
  const faults = async (what: string) => {
    const found = await new AxeBuilder({ page: phone }).withTags(RULES).analyze();
    expect(found.violations, what).toEqual([]);
    const sideways = await phone.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(sideways, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
  };
  await phone.goto(link);
  await heading(phone, 'Welcome');
  await expect(phone.getByText("O'Neill")).toHaveCount(0);
  await faults('welcome');
  await phone.getByRole('button', { name: 'Begin' }).click();
  await heading(phone, 'When were you born?');
  await typeDay(phone, '37', '5', '1982');
  await next(phone);
  await expect(phone.getByRole('alert')).toContainText('The day must be between 1 and 31');
  await faults('a wrong day');
  await phone.getByRole('link', { name: 'The day must be between 1 and 31' }).click();
  await expect(phone.getByLabel('Day', { exact: true })).toBeFocused();
  await typeDay(phone, '16', '5', '1982');
  await next(phone);
  await heading(phone, 'Choose a user name and a password');
  await faults('account');
  await phone.getByRole('button', { name: 'Create account' }).click();
  await expect(phone.getByRole('alert')).toContainText('Please agree first');
  await phone.getByLabel('User name').fill('mia');
  await phone.getByLabel('Password').fill(PASSWORD);
  await phone.getByLabel('I have read').check();
  await phone.getByRole('button', { name: 'Create account' }).click();
  await expect(phone.getByRole('alert')).toContainText('We know another date of birth');
  await typeDay(phone, '17', '5', '1982');
  await next(phone);
  await expect(phone.getByLabel('User name')).toHaveValue('mia');
  await phone.getByRole('button', { name: 'Create account' }).click();

  await heading(phone, 'What is your name?');
  await expect(phone.getByText(/^Question 1 of/)).toBeVisible();
  await faults('name');
  await phone.getByLabel('First name').fill('Mia');
  await next(phone);
  await heading(phone, 'What is your sex?');
  await expect(phone.getByText(/^Saved at/)).toBeVisible();
  await faults('sex');
  await phone.goBack();
  await expect(phone.getByLabel('First name')).toHaveValue('Mia');
  await next(phone);
  await phone.getByLabel('Female').check();
  await next(phone);
  await heading(phone, 'Where do you live?');
  await expect(phone.getByLabel('Town')).toHaveValue('Mannheim');
  await faults('address');
  await next(phone);
  await heading(phone, 'How can we call you?');
  await faults('telephone');

  await context.setOffline(true);
  await phone.getByLabel('Mobile phone').fill('0170 1234567');
  await next(phone);
  await heading(phone, 'What is your e-mail address?');
  await expect(phone.getByText('There is no network')).toBeVisible();
  await faults('without network');
  await context.setOffline(false);
  await expect(phone.getByText('There is no network')).toHaveCount(0, { timeout: 15_000 });
  await phone.getByLabel('I have no e-mail address').check();
  await next(phone);

  await heading(phone, 'Do you feel ill, or did you?');
  await faults('symptoms');
  await phone.getByLabel('Yes').check();
  await next(phone);
  await heading(phone, 'What do you feel?');
  await faults('which');
  await phone.getByLabel('Cough', { exact: true }).check();
  await next(phone);
  await heading(phone, 'When did you first feel ill?');
  await faults('onset');
  const yesterday = new Date(Date.now() - 86_400_000);
  const parts = [yesterday.getUTCDate(), yesterday.getUTCMonth() + 1, yesterday.getUTCFullYear()].map(String);
  await typeDay(phone, parts[0] ?? '', parts[1] ?? '', parts[2] ?? '');
  await next(phone);
  await heading(phone, 'Where may you have been infected?');
  await faults('infection');
  await next(phone);
  await heading(phone, 'Who is your family doctor?');
  await faults('family doctor');
  await next(phone);
  for (const title of ['Do you have an illness', 'Do you work in health care', 'Do you look after people']) {
    await heading(phone, title);
    await phone.getByLabel('No', { exact: true }).check();
    await faults(title);
    await next(phone);
  }
  await heading(phone, 'Whom did you meet?');
  await next(phone);
  await expect(phone.getByRole('alert')).toContainText('Add a person, or say that you met nobody');
  await phone.getByRole('button', { name: 'Add a person' }).click();
  await faults('a contact');
  await phone.getByLabel('First name').fill('Ali');
  await phone.getByLabel('Last name').fill('Yılmaz');
  await phone.getByLabel('Phone or mobile').fill('0621 999999');
  await typeDay(phone, parts[0] ?? '', parts[1] ?? '', parts[2] ?? '');
  await phone.getByLabel('We live together').check();
  await phone.getByRole('button', { name: 'Save this person' }).click();
  await expect(phone.getByRole('listitem')).toContainText('Ali Yılmaz');
  await faults('contacts');
  await next(phone);
  await heading(phone, 'Ready to send?');
  await faults('finish');
  await phone.getByRole('button', { name: 'Send' }).click();
  await heading(phone, 'Hello Mia');
  await expect(phone.getByText('Thank you.')).toBeVisible();
  await expect(phone.getByRole('link', { name: '0621 12345' })).toHaveAttribute('href', 'tel:062112345');
  await faults('home');

  const state = await ask<Activation>(page, 'GET', `/cases/${caseId}/activation`);
  expect([state.status, state.code.state]).toEqual(['tracking', 'redeemed']);
  const contacts = await ask<{ items: { said: { last_name: string } }[] }>(page, 'GET', `/cases/${caseId}/contacts`);
  expect(contacts.items.map((one) => one.said.last_name)).toEqual(['Yılmaz']);
  await context.close();
});

test('somebody goes on with another telephone where they stopped, and signs out', async ({ page, browser }) => {
  const { link } = await invited(page);
  const first = await telephone(browser);
  await openTheAccount(first.phone, link, 'kim');
  await first.phone.getByLabel('First name').fill('Kim');
  await next(first.phone);
  await heading(first.phone, 'What is your sex?');
  await first.context.close();
  const { phone, context } = await telephone(browser);
  await phone.goto(`${server.url}/LOCAL/patient`);
  await heading(phone, 'Sign in');
  await phone.getByLabel('User name').fill('KIM');
  await phone.getByLabel('Password').fill('wrong');
  await phone.getByRole('button', { name: 'Sign in' }).click();
  await expect(phone.getByRole('alert')).toContainText('User name or password is wrong.');
  const found = await new AxeBuilder({ page: phone }).withTags(RULES).analyze();
  expect(found.violations).toEqual([]);
  await phone.getByLabel('Password').fill(PASSWORD);
  await phone.getByRole('button', { name: 'Sign in' }).click();
  await heading(phone, 'Hello Kim');
  await phone.getByRole('button', { name: 'Go on with the questions' }).click();
  await heading(phone, 'What is your sex?');
  await phone.getByLabel('Language').selectOption('tr');
  await heading(phone, 'Cinsiyetiniz ne?');
  await phone.getByLabel('Dil').selectOption('de');
  await heading(phone, 'Welches Geschlecht haben Sie?');
  await phone.goto(`${server.url}/LOCAL/patient`);
  await phone.getByRole('button', { name: 'Abmelden' }).click();
  await heading(phone, 'Anmelden');
  await context.close();
});

test('what was typed is there after the page was loaded again', async ({ page, browser }) => {
  const { link } = await invited(page);
  const { phone, context } = await telephone(browser);
  await openTheAccount(phone, link, 'ada');
  await phone.getByLabel('First name').fill('Ada');
  await phone.reload();
  await expect(phone.getByLabel('First name')).toHaveValue('Ada');
  await context.close();
});

test('a code that is no code, or was used, is told in plain words', async ({ page, browser }) => {
  const { link } = await invited(page);
  const { phone, context } = await telephone(browser);
  await phone.goto(`${server.url}/LOCAL/enrol`);
  await heading(phone, 'Your code');
  await phone.getByLabel('Code').fill('ABCD');
  await next(phone);
  await expect(phone.getByRole('alert')).toContainText('A code has 16 letters and numbers');
  await phone.getByLabel('Code').fill('ABCD-EFGH-JKMN-PQRS');
  await next(phone);
  await expect(phone.getByText('We do not know this code.')).toBeVisible();
  await phone.getByRole('button', { name: 'Type the code again' }).click();
  await phone.getByLabel('Code').fill((link.split('#')[1] ?? '').toLowerCase().replaceAll('-', ' '));
  await next(phone);
  await heading(phone, 'Welcome');
  await context.close();
  const { phone: other, context: elsewhere } = await telephone(browser);
  await openTheAccount(other, link, 'eve');
  await elsewhere.close();
  const { phone: late, context: last } = await telephone(browser);
  await late.goto(link);
  await expect(late.getByText('This code was used already.')).toBeVisible();
  await last.close();
});

test('staff invite by letter, print it, see until when it works, and take it back', async ({ page }) => {
  const caseId = await openCase(page, { last_name: 'Adler', ...ADDRESS });
  await page.goto(`${server.url}/cases/${caseId}?tab=overview`);
  const section = page.getByRole('region', { name: 'Invitation' });
  await expect(section).toContainText('Nobody was invited yet.');
  await section.getByRole('button', { name: 'Invite by mail' }).click();
  await expect(section.getByRole('alert')).toContainText('there is no e-mail address');
  await section.getByRole('button', { name: 'Invite by letter' }).click();
  await expect(section).toContainText('A code is out. It works until');
  const letter = await page.request.get(
    await section.getByRole('link', { name: 'Print the letter' }).evaluate((a) => (a as HTMLAnchorElement).href),
  );
  expect((await letter.body()).subarray(0, 5).toString()).toBe('%PDF-');
  await section.getByRole('button', { name: 'Take the invitation back' }).click();
  await expect(section).toContainText('The invitation was taken back.');
});

test('a forgotten password: asked for, and chosen anew by the link of the mail', async ({ browser }) => {
  const { phone, context } = await telephone(browser);
  const faults = async (what: string) => {
    for (const colorScheme of ['dark', 'light'] as const) {
      await phone.emulateMedia({ colorScheme });
      const found = await new AxeBuilder({ page: phone }).withTags(RULES).analyze();
      expect(found.violations, `${what}, ${colorScheme}`).toEqual([]);
    }
    const sideways = await phone.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(sideways, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
  };
  await phone.goto(`${server.url}/LOCAL/patient`);
  await phone.getByRole('button', { name: 'I forgot my password' }).click();
  await heading(phone, 'Forgot your password?');
  await faults('asking for a link');
  await phone.getByLabel('User name').fill('nobody');
  await phone.getByRole('button', { name: 'Send the link' }).click();
  await expect(phone.getByRole('status')).toContainText('If there is such an account');
  await faults('asked');
  await phone.goto(`${server.url}/LOCAL/patient/reset#${'a'.repeat(43)}`);
  await phone.reload();
  await heading(phone, 'Choose a new password');
  await faults('a new password');
  await phone.getByRole('button', { name: 'Save the password' }).click();
  await expect(phone.getByRole('alert')).toContainText('Please give a day');
  await faults('no date of birth');
  await typeDay(phone, '17', '5', '1982');
  await phone.getByLabel('New password').fill(PASSWORD);
  await phone.getByRole('button', { name: 'Save the password' }).click();
  await expect(phone.getByText('This link no longer works.')).toBeVisible();
  await faults('a link that is over');
  await context.close();
});
