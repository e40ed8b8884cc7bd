// From a case's stay at a café to contact cases: asked on the case's page, released on the venue's, decided by minutes.

import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from '@playwright/test';
import { openAccount, PASSWORD } from './account.ts';
import { picture } from './pictures.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';
import { totp } from './totp.ts';
import { ask, newId, openCase } from './work.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
const SIZES = { 390: { width: 390, height: 844 }, 1280: { width: 1280, height: 800 } };
const LAST = { 390: 'Schmalenbach', 1280: 'Breitenbach' };
const ADDRESS = { street: 'Übergasse', house_number: '3a', postcode: '68159', city: 'Mannheim' };
const MINUTE = 60_000;

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

async function sound(page: Page, what: string) {
  const found = await new AxeBuilder({ page }).withTags(RULES).analyze();
  expect(found.violations, what).toEqual([]);
  const [inner, scroll] = await page.evaluate(() => [window.innerWidth, document.documentElement.scrollWidth]);
  expect(scroll, `${what}: nothing sticks out`).toBeLessThanOrEqual(inner);
}

/** Somebody who registered a venue, on the page of their venues. */
async function owner(desk: Page, browser: Browser, size: keyof typeof SIZES, email: string, name: string) {
  const venue = { venue_name: name, kind: 'cafe', address: ADDRESS };
  const data = { authority: 'LOCAL', language: 'en', email, name: 'Rosa Höh', phone: null, venue };
  expect((await desk.request.post(`${server.url}/api/v1/venue-registrations`, { data })).status()).toBe(202);
  type Mails = { items: { message_id: string }[] };
  const { items } = await ask<Mails>(desk, 'GET', '/messages?kind=venue_registration');
  const mail = await ask<{ content: { text: string } }>(desk, 'GET', `/messages/${items[0]?.message_id}`);
  const context = await browser.newContext({ locale: 'en-GB', viewport: SIZES[size] });
  const page = await context.newPage();
  await page.goto(`${server.url}/LOCAL/venues/confirm#${/confirm#(\S+)/.exec(mail.content.text)?.[1]}`);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByLabel('Choose a password').fill(PASSWORD);
  const secret = await page.getByText('Or type this into the app:').locator('bdi').innerText();
  await page.getByLabel(/six digits/).fill(totp(secret));
  await page.getByRole('button', { name: 'Open my account' }).click();
  await page.getByLabel('I have kept these codes').check();
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Your venues' })).toBeVisible();
  const own = await (await page.request.get(`${server.url}/api/v1/own-venues`)).json();
  return { page, venueId: own.venues[0].venue.venue_id as string };
}

/** Guests of the last hours. */
async function checkIn(page: Page, venueId: string, guests: { name: string; arrived: number; leaves: number }[]) {
  const visits = guests.map(({ name, arrived, leaves }, n) => ({
    visit_id: newId(),
    secret: 'A'.repeat(22),
    arrived_at: new Date(arrived).toISOString(),
    leaves_at: new Date(leaves).toISOString(),
    name,
    phone: `+49 621 12345${n}`,
    email: null,
    address: null,
    household: 0,
  }));
  const data = { authority: 'LOCAL', venue_id: venueId, area_id: null, visits };
  const taken = await page.request.post(`${server.url}/api/v1/check-ins`, { data });
  expect(taken.status(), await taken.text()).toBe(201);
}

/** How an instant is written in a field, in the authority's time zone. */
async function written(desk: Page, at: number): Promise<string> {
  const { time_zone } = await ask<{ time_zone: string }>(desk, 'GET', '/session');
  return new Date(at).toLocaleString('sv-SE', { timeZone: time_zone }).slice(0, 16).replace(' ', 'T');
}

for (const size of [390, 1280] as const) {
  test(`a stay, its list, and the contact cases, at ${size}`, async ({ page: desk, browser }) => {
    await desk.setViewportSize(SIZES[size]);
    const name = `Café Anna ${size}`;
    const { page: cafe, venueId } = await owner(desk, browser, size, `anna${size}@example.org`, name);
    const began = Math.floor(Date.now() / MINUTE) * MINUTE - 300 * MINUTE;
    await checkIn(cafe, venueId, [
      { name: 'Ayşe Yılmaz', arrived: began + 30 * MINUTE, leaves: began + 90 * MINUTE },
      { name: 'Cem Kaya', arrived: began + 65 * MINUTE, leaves: began + 70 * MINUTE },
      { name: 'Early Bird', arrived: began - 90 * MINUTE, leaves: began - 60 * MINUTE },
    ]);
    const caseId = await openCase(desk, { last_name: LAST[size], first_name: 'Ina', phone: `+49 621 99${size}` });
    await desk.goto(`${server.url}/cases/${caseId}`);
    const section = desk.getByRole('region', { name: 'Venues and guest lists' });
    await expect(section.getByText('No stay at a venue is known.')).toBeVisible();

    await section.getByRole('button', { name: 'Add a stay' }).click();
    await section.getByLabel('Venue, by name or place').fill('nobody has this name');
    await section.getByRole('button', { name: 'Search', exact: true }).click();
    await expect(section.getByText('No venue is found.')).toBeVisible();
    await section.getByLabel('Venue, by name or place').fill(name);
    await section.getByRole('button', { name: 'Search', exact: true }).click();
    await expect(section.getByLabel('Venue', { exact: true })).toHaveValue(venueId);
    await section.getByLabel('From').fill(await written(desk, began));
    await section.getByLabel('Until').fill(await written(desk, began - 5 * MINUTE));
    await section.getByRole('button', { name: 'Save the stay' }).click();
    await expect(section.getByRole('alert')).toContainText('ends after it began');
    await sound(desk, 'a stay that is wrong');
    await section.getByLabel('Until').fill(await written(desk, began + 50 * MINUTE));
    await section.getByRole('button', { name: 'Save the stay' }).click();
    const stay = section.getByRole('listitem').filter({ hasText: name });
    await expect(stay).toHaveCount(1);

    // It ended ten minutes later; then the list is asked for.
    await stay.getByRole('button', { name: 'Change' }).click();
    await expect(section.getByLabel('From')).toHaveValue(await written(desk, began));
    await section.getByLabel('Until').fill(await written(desk, began + 60 * MINUTE));
    await section.getByRole('button', { name: 'Save the stay' }).click();
    await expect(section.getByRole('button', { name: 'Save the stay' })).toHaveCount(0);
    await stay.getByRole('button', { name: 'Another time' }).click();
    const other = desk.getByRole('dialog', { name: 'Ask for the list of another time' });
    await other.getByLabel('Until').fill('2020-03-01T10:00');
    await other.getByRole('button', { name: 'Ask for the guest list' }).click();
    await expect(other.getByRole('alert')).toContainText('touches the stay');
    await sound(desk, 'another time');
    await desk.keyboard.press('Escape');
    await stay.getByRole('button', { name: 'Ask for the guest list' }).click();
    await expect(stay.getByText('List asked for')).toBeVisible();
    await sound(desk, 'a list that was asked for');

    await cafe.getByRole('link', { name }).click();
    await expect(cafe.getByRole('heading', { name: 'Requests of the authority' })).toBeVisible();
    await expect(cafe.getByText(LAST[size])).toHaveCount(0);
    await sound(cafe, 'what the venue is asked for');
    await picture(cafe, `venue-request-${size}`);
    await cafe.getByRole('button', { name: /Release/ }).click();
    await expect(cafe.getByRole('button', { name: /Release/ })).toHaveCount(0);

    await desk.reload();
    const guests = section.getByRole('row').filter({ has: desk.getByRole('cell') });
    await expect(guests).toHaveCount(2);
    await expect(section.getByText('2 guests released')).toBeVisible();
    await expect(guests.first()).toContainText('Ayşe Yılmaz');
    await expect(guests.first()).toContainText('30');
    await expect(section.getByLabel('Ayşe Yılmaz', { exact: true })).toBeChecked();
    await sound(desk, 'guests of a released list');
    await picture(desk, `case-guests-${size}`);
    await section.getByLabel('Cem Kaya', { exact: true }).uncheck();
    await section.getByRole('button', { name: 'Open 1 contact case' }).press('Enter');
    await expect(section.getByRole('link', { name: 'Ayşe Yılmaz' })).toBeVisible();

    // Withdrawn: only the guest on whom a case rests stays; then the stay goes.
    await stay.getByRole('button', { name: 'Withdraw the request' }).click();
    await expect(guests).toHaveCount(1);
    await stay.getByRole('button', { name: 'Delete the stay' }).click();
    const sure = desk.getByRole('dialog', { name: 'Delete this stay?' });
    await sound(desk, 'a stay that is to go');
    await sure.getByRole('button', { name: 'Delete the stay' }).click();
    await expect(section.getByText('No stay at a venue is known.')).toBeVisible();
    await cafe.context().close();
  });

  test(`a code by which the guest shows their stays, at ${size}`, async ({ page: desk, browser }) => {
    await desk.setViewportSize(SIZES[size]);
    const name = `Café Tom ${size}`;
    const { page: cafe, venueId } = await owner(desk, browser, size, `tom${size}@example.org`, name);
    await cafe.context().close();
    const phone = await browser.newContext({ locale: 'en-GB', viewport: SIZES[390], hasTouch: true });
    const guest = await phone.newPage();
    await guest.goto(`${server.url}/g/LOCAL/${venueId}#name=${encodeURIComponent(name)}`);
    await guest.getByLabel('Your name').fill('Ina Gast');
    await guest.getByLabel('Telephone').fill('0621 123456');
    await guest.getByRole('button', { name: 'Check in', exact: true }).click();
    await expect(guest.getByText('You are checked in at')).toBeVisible();

    const caseId = await openCase(desk, {
      last_name: `Zeigt-${LAST[size]}`,
      first_name: 'Ina',
      phone: `+49 621 88${size}`,
    });
    await desk.goto(`${server.url}/cases/${caseId}`);
    const section = desk.getByRole('region', { name: 'Venues and guest lists' });
    await section.getByRole('button', { name: 'Code for sharing' }).click();
    const code = await section.getByRole('status').locator('b').innerText();
    await sound(desk, 'a code to read out');

    await guest.getByRole('button', { name: /case worker/ }).click();
    await guest.getByRole('textbox').fill(code);
    await guest.getByRole('button', { name: 'Share these visits' }).click();
    await expect(guest.getByText('Shared', { exact: true })).toBeVisible();
    await desk.reload();
    const stay = section.getByRole('listitem').filter({ hasText: name });
    await expect(stay).toContainText('shown by the guest');
    await desk.getByRole('link', { name: 'What waits' }).click();
    await expect(desk.getByText('Stays shown').first()).toBeVisible();
    await phone.close();
  });
}
