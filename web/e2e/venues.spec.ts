// A venue from registration to its poster, on a telephone and at a desk; and what the authority sees of it.

import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from '@playwright/test';
import { openAccount, PASSWORD } from './account.ts';
import { picture } from './pictures.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';
import { totp } from './totp.ts';
import { ask } from './work.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
const SIZES = { telephone: { width: 390, height: 844 }, desk: { width: 1280, height: 800 } };

let server: Server;
let cookies: Cookies;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  const page = await browser.newPage({ locale: 'en-GB' });
  await openAccount(page, server);
  cookies = await page.context().cookies();
  await page.close();
});
test.afterAll(() => server.end());
test.beforeEach(async ({ context, page }) => {
  await context.addCookies(cookies);
  await page.goto(`${server.url}/settings`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

const heading = (page: Page, name: string) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

async function sound(page: Page, what: string) {
  const found = await new AxeBuilder({ page }).withTags(RULES).analyze();
  expect(found.violations, what).toEqual([]);
  const [inner, scroll] = await page.evaluate(() => [window.innerWidth, document.documentElement.scrollWidth]);
  expect(scroll, `${what}: nothing sticks out`).toBeLessThanOrEqual(inner);
}

/** The link in the newest mail of a kind. */
async function mailedLink(desk: Page, kind: string): Promise<string> {
  const { items } = await ask<{ items: { message_id: string }[] }>(desk, 'GET', `/messages?kind=${kind}`);
  const mail = await ask<{ content: { text: string } }>(desk, 'GET', `/messages/${items[0]?.message_id}`);
  const link = /http\S+venues\/confirm#\S+/.exec(mail.content.text)?.[0] ?? '';
  return server.url + new URL(link).pathname + new URL(link).hash;
}

async function stranger(browser: Browser, size: keyof typeof SIZES) {
  const context = await browser.newContext({ locale: 'en-GB', viewport: SIZES[size] });
  return context.newPage();
}

/** Confirms a mailed link and sets password and second factor. Gives the secret of the app. */
async function comeIn(page: Page, link: string): Promise<string> {
  await page.goto(link);
  await heading(page, 'Confirm your e-mail address');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByLabel('Choose a password').fill(PASSWORD);
  const secret = await page.getByText('Or type this into the app:').locator('bdi').innerText();
  await page.getByLabel(/six digits/).fill(totp(secret));
  await page.getByRole('button', { name: 'Open my account' }).click();
  await page.getByLabel('I have kept these codes').check();
  await page.getByRole('button', { name: 'Go on' }).click();
  await heading(page, 'Your venues');
  return secret;
}

async function register(page: Page, email: string, venue: string) {
  await page.goto(`${server.url}/LOCAL/venues/register`);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Your name').fill('Rosa Höh');
  await page.getByLabel('Name of the venue').fill(venue);
  await page.getByLabel('What kind of place is it?').selectOption('cafe');
  await page.getByLabel('Street').fill('Übergasse');
  await page.getByLabel('House number').fill('3a');
  await page.getByLabel('Postcode').fill('68159');
  await page.getByLabel('City').fill('Mannheim');
  await page.getByRole('button', { name: 'Register', exact: true }).click();
  await heading(page, 'Look into your mailbox');
}

for (const size of ['telephone', 'desk'] as const) {
  test(`from registration to the poster, at a ${size}`, async ({ page, browser }) => {
    const email = `rosa.${size}@example.org`;
    const venue = `Café Rosa & Söhne (${size})`;
    const own = await stranger(browser, size);
    await own.goto(`${server.url}/LOCAL/venues/register`);
    await sound(own, 'registering');

    // What is wrong is said at the top and at the field, and the keyboard leads there.
    await own.getByLabel('E-mail address').fill('no address');
    await own.getByRole('button', { name: 'Register', exact: true }).click();
    await expect(own.getByRole('alert')).toContainText('Choose what kind of place it is.');
    await own.keyboard.press('Escape');
    await register(own, email, venue);
    await sound(own, 'the mailbox');

    const secret = await comeIn(own, await mailedLink(page, 'venue_registration'));
    await sound(own, 'the list');
    await own.getByRole('link', { name: venue }).click();
    await heading(own, venue);
    await sound(own, 'a venue');
    await own.getByRole('button', { name: 'Change details, areas and hours' }).click();
    await heading(own, 'Details, areas, hours');

    // By keyboard alone: an area, a time past midnight, and what is wrong at its field.
    await own.getByRole('button', { name: 'Add an area' }).press('Enter');
    await expect(own.getByLabel('Name of the area', { exact: true })).toBeFocused();
    await own.keyboard.type('Terrasse & Süd');
    await own.getByRole('button', { name: 'Add an area' }).press('Enter');
    await own.keyboard.type('Bar');
    await own.getByRole('button', { name: 'Add a time' }).press('Enter');
    await expect(own.getByLabel('Day', { exact: true })).toBeFocused();
    await own.getByLabel('Day', { exact: true }).selectOption('6');
    await own.getByLabel('Opens').fill('20:00');
    await own.getByLabel('Closes').fill('04:00');
    await own.getByLabel('How many guests fit in?').fill('many');
    await own.getByLabel('Usual stay, in minutes').fill('2');
    await own.getByRole('button', { name: 'Save' }).press('Enter');
    await expect(own.getByRole('alert')).toBeFocused();
    await expect(own.locator('#usual_stay_min-wrong')).toHaveText('Write minutes, from 5 to 1440.');
    await own.getByRole('link', { name: 'Write a number from 1 on, or nothing.' }).press('Enter');
    await expect(own.getByLabel('How many guests fit in?')).toBeFocused();
    await sound(own, 'what is wrong');
    await own.getByLabel('How many guests fit in?').fill('80');
    await own.getByLabel('Usual stay, in minutes').fill('120');
    await own.getByLabel('Staff confirm').check();
    await own.getByRole('button', { name: 'Save' }).press('Enter');
    await heading(own, venue);
    await expect(own.getByText('Saturday 20:00–04:00')).toBeVisible();
    await expect(own.getByText('Terrasse & Süd, Bar')).toBeVisible();

    await own.getByLabel('For', { exact: true }).selectOption('Terrasse & Süd');
    const href = await own.getByRole('link', { name: 'Posters for doors' }).getAttribute('href');
    const answer = await own.request.get(server.url + href);
    expect([answer.status(), answer.headers()['content-type']]).toEqual([200, 'application/pdf']);
    const pdf = await answer.body();
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    await picture(own, `venue-${SIZES[size].width}`);

    // Signing out and in again, by e-mail address and second factor.
    await own.getByRole('button', { name: 'Sign out' }).click();
    await heading(own, 'Sign in for your venue');
    await sound(own, 'signing in');
    await own.getByLabel('E-mail address').fill(email.toUpperCase());
    await own.getByLabel('Password').fill(PASSWORD);
    await own.getByLabel('Code of your app').fill('000000');
    await own.getByRole('button', { name: 'Sign in' }).click();
    await expect(own.getByRole('alert')).toContainText('Address, password or code is wrong.');
    // A code works once; the next one is good already.
    await own.getByLabel('Code of your app').fill(totp(secret, Date.now() + 30_000));
    await own.getByRole('button', { name: 'Sign in' }).click();
    await heading(own, venue);

    // The authority finds it by its street and sees what its owner said.
    await page.setViewportSize(SIZES[size]);
    await page.goto(`${server.url}/guest-lists`);
    await page.getByLabel('Name or place of a venue').fill('no such place');
    await expect(page.getByRole('heading', { name: 'No venue is like that' })).toBeVisible();
    await page.getByLabel('Name or place of a venue').fill('übergasse');
    await page.getByRole('link', { name: venue }).click();
    await heading(page, venue);
    await expect(page.getByText('Saturday 20:00–04:00')).toBeVisible();
    await sound(page, 'a venue, for staff');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('heading', { level: 1, name: 'Guest lists' })).toBeVisible();
    await own.context().close();
  });
}

test('an owner invites somebody and removes them; from then on they are refused', async ({ page, browser }) => {
  const rosa = await stranger(browser, 'desk');
  await register(rosa, 'owner@example.org', 'Kino Nord');
  await comeIn(rosa, await mailedLink(page, 'venue_registration'));
  await rosa.getByRole('link', { name: 'Kino Nord' }).click();
  await rosa.getByRole('button', { name: 'Staff', exact: true }).click();
  await heading(rosa, 'Who works here');
  await rosa.getByRole('button', { name: 'Send the invitation' }).click();
  await expect(rosa.getByRole('alert')).toContainText('Write an e-mail address');
  await rosa.getByLabel('E-mail address').fill('ali@example.org');
  await rosa.getByLabel('Name', { exact: true }).fill('Ali');
  await rosa.getByRole('button', { name: 'Send the invitation' }).click();
  await expect(rosa.getByText('The invitation is on its way.')).toBeVisible();
  await expect(rosa.getByText('ali@example.org')).toBeVisible();
  await sound(rosa, 'staff');

  const ali = await stranger(browser, 'telephone');
  await comeIn(ali, await mailedLink(page, 'venue_invitation'));
  await ali.getByRole('link', { name: 'Kino Nord' }).click();
  await heading(ali, 'Kino Nord');
  await expect(ali.getByRole('button', { name: 'Change details' })).toHaveCount(0);
  await expect(ali.getByRole('link', { name: 'Posters' })).toHaveCount(0);

  await rosa.reload();
  await rosa.getByRole('button', { name: 'Remove from the venue: Rosa Höh' }).click();
  await expect(rosa.getByRole('alert')).toContainText('A venue has at least one owner.');
  await rosa.getByRole('button', { name: 'Remove from the venue: Ali' }).click();
  await expect(rosa.getByText('ali@example.org')).toHaveCount(0);
  await ali.reload();
  await heading(ali, 'Sign in for your venue');

  await rosa.getByRole('button', { name: 'Back' }).click();
  await rosa.getByLabel('I know that this').check();
  await rosa.getByRole('button', { name: 'Close for good' }).click();
  await expect(rosa.getByText('closed', { exact: true })).toBeVisible();
  await expect(rosa.getByRole('link', { name: 'Posters' })).toHaveCount(0);
  await rosa.context().close();
  await ali.context().close();
});

test('a link that was used says so, in the language of the browser', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'tr-TR', viewport: SIZES.telephone });
  const page = await context.newPage();
  await page.goto(`${server.url}/LOCAL/venues/confirm#nothing`);
  await page.getByRole('button', { name: 'Onayla' }).click();
  await heading(page, 'Bu bağlantı artık geçerli değil');
  await sound(page, 'a link that is gone');
  await page.getByLabel('Dil').selectOption('de');
  await heading(page, 'Dieser Link gilt nicht mehr');
  await context.close();
});
