// What patients are promised, counted: four minutes from the letter to the end of enrolment, fifteen seconds and two taps
// for a half day of the diary.

import type { Page } from '@playwright/test';
import { Hand } from './hand.ts';
import { enrolled, heading, invited, PASSWORD, prepareOffice } from './patients.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';

const ENROLMENT_S = 240;
const HALF_DAY_S = 15;

let server: Server;
let cookies: Cookies;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  cookies = await prepareOffice(browser, server);
});
test.afterAll(() => server.end());
test.beforeEach(async ({ context, page }) => {
  test.setTimeout(600_000);
  await context.addCookies(cookies);
  await page.goto(`${server.url}/settings`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

/** A page of the enrolment: its heading is there, what stands there is read, something is done, and on it goes. */
async function question(phone: Page, hand: Hand, title: string, answer: () => Promise<void> = async () => undefined) {
  await heading(phone, title);
  await hand.read();
  await answer();
  await hand.tap(phone.getByRole('button', { name: 'Continue' }));
}

async function day(phone: Page, hand: Hand, [date, month, year]: [string, string, string]) {
  await hand.type(phone.getByLabel('Day', { exact: true }), date);
  await hand.type(phone.getByLabel('Month'), month);
  await hand.type(phone.getByLabel('Year'), year);
}

function yesterday(): [string, string, string] {
  const at = new Date(Date.now() - 86_400_000);
  return [String(at.getUTCDate()), String(at.getUTCMonth() + 1), String(at.getUTCFullYear())];
}

test('from the code on the letter to the end of enrolment', async ({ page, browser }) => {
  const unknown = { first_name: null, mobile: null, says_no_email: null };
  const { code } = await invited(page, '', 'O’Neill-Yılmaz', unknown);
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 390, height: 844 }, hasTouch: true });
  const phone = await context.newPage();
  const hand = new Hand(phone);
  // The telephone reads the square code, which brings the page with the code behind the #.
  await phone.goto(`${server.url}/LOCAL/enrol#${code}`);
  await heading(phone, 'Welcome');
  await hand.read();
  await hand.tap(phone.getByRole('button', { name: 'Begin' }));
  await question(phone, hand, 'When were you born?', () => day(phone, hand, ['17', '5', '1982']));
  await heading(phone, 'Choose a user name and a password');
  await hand.read();
  await hand.type(phone.getByLabel('User name'), 'mia.oneill');
  await hand.type(phone.getByLabel('Password'), PASSWORD);
  await hand.tap(phone.getByLabel('I have read'));
  await hand.tap(phone.getByRole('button', { name: 'Create account' }));
  const pick = (name: string) => () => hand.tap(phone.getByLabel(name, { exact: true }));
  await question(phone, hand, 'What is your name?', () => hand.type(phone.getByLabel('First name'), 'Mia'));
  await question(phone, hand, 'What is your sex?', pick('Female'));
  await question(phone, hand, 'Where do you live?');
  await question(phone, hand, 'How can we call you?', () =>
    hand.type(phone.getByLabel('Mobile phone'), '0170 1234567'),
  );
  await question(phone, hand, 'What is your e-mail address?', () =>
    hand.type(phone.getByRole('textbox', { name: 'E-mail address' }), 'mia.oneill@example.org'),
  );
  await question(phone, hand, 'Do you feel ill, or did you?', pick('Yes'));
  await question(phone, hand, 'What do you feel?', async () => {
    await pick('Cough')();
    await pick('Fever')();
  });
  await question(phone, hand, 'When did you first feel ill?', () => day(phone, hand, yesterday()));
  await question(phone, hand, 'Where may you have been infected?');
  await question(phone, hand, 'Who is your family doctor?');
  for (const title of ['Do you have an illness that lasts?', 'Do you work in health care?']) {
    await question(phone, hand, title, pick('No'));
  }
  await question(phone, hand, 'Do you look after people who are old or very ill?', pick('No'));
  await heading(phone, 'Whom did you meet?');
  await hand.read();
  await hand.tap(phone.getByRole('button', { name: 'Add a person' }));
  await hand.read(phone.getByRole('group', { name: 'Add a person' }));
  await hand.type(phone.getByLabel('First name'), 'Ali');
  await hand.type(phone.getByLabel('Last name'), 'Yılmaz');
  await hand.type(phone.getByLabel('Phone or mobile'), '0621 999999');
  await day(phone, hand, yesterday());
  await pick('We live together')();
  await hand.tap(phone.getByRole('button', { name: 'Save this person' }));
  await expect(phone.getByRole('listitem')).toContainText('Ali Yılmaz');
  await hand.tap(phone.getByRole('button', { name: 'Continue' }));
  await heading(phone, 'Ready to send?');
  await hand.read();
  await hand.tap(phone.getByRole('button', { name: 'Send' }));
  await heading(phone, 'Hello Mia');
  hand.tell('enrolment');
  expect({ taps: hand.taps, fields: hand.fields }).toEqual({ taps: 29, fields: 17 });
  expect(hand.seconds).toBeLessThanOrEqual(ENROLMENT_S);
  await context.close();
});

test('half a day of the diary without symptoms', async ({ page, browser }) => {
  const { phone, context, part } = await enrolled(page, browser, 'Mia', 'Counted');
  const card = phone.getByRole('region', { name: part, exact: true });
  const hand = new Hand(phone);
  await hand.read(card);
  await hand.tap(card.getByRole('button', { name: '36.8' }));
  await hand.tap(card.getByRole('button', { name: 'No symptoms, send' }));
  await expect(card).toContainText('36.8 °C, no symptoms.');
  hand.tell('half a day');
  expect({ taps: hand.taps, fields: hand.fields }).toEqual({ taps: 2, fields: 0 });
  expect(hand.seconds).toBeLessThanOrEqual(HALF_DAY_S);
  await context.close();
});
