// From the list of one's own venues to the list of yesterday evening, counted; the door; and what the authority sees of both.

import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from '@playwright/test';
import { instantOf, windowOf } from '../src/venues/times.ts';
import { openAccount, PASSWORD } from './account.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';
import { totp } from './totp.ts';
import { ask } from './work.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
const SIZES = { 390: { width: 390, height: 844 }, 1280: { width: 1280, height: 800 } };
const MOST_ACTIONS = 4;
const ADDRESS = { street: 'Übergasse', house_number: '3a', postcode: '68159', city: 'Mannheim' };

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

/** Somebody who registered a venue, on the page of their venues. */
async function owner(desk: Page, browser: Browser, size: keyof typeof SIZES, email: string, name: string) {
  const venue = { venue_name: name, kind: 'cafe', address: ADDRESS };
  const data = { authority: 'LOCAL', language: 'en', email, name: 'Rosa Höh', phone: null, venue };
  expect((await desk.request.post(`${server.url}/api/v1/venue-registrations`, { data })).status()).toBe(202);
  type Mails = { items: { message_id: string }[] };
  const { items } = await ask<Mails>(desk, 'GET', '/messages?kind=venue_registration');
  const mail = await ask<{ content: { text: string } }>(desk, 'GET', `/messages/${items[0]?.message_id}`);
  const context = await browser.newContext({ locale: 'en-GB', viewport: SIZES[size], timezoneId: 'Asia/Tokyo' });
  const page = await context.newPage();
  await page.goto(`${server.url}/LOCAL/venues/confirm#${/confirm#(\S+)/.exec(mail.content.text)?.[1]}`);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByLabel('Choose a password').fill(PASSWORD);
  const secret = await page.getByText('Or type this into the app:').locator('bdi').innerText();
  await page.getByLabel(/six digits/).fill(totp(secret));
  await page.getByRole('button', { name: 'Open my account' }).click();
  await page.getByLabel('I have kept these codes').check();
  await page.getByRole('button', { name: 'Go on' }).click();
  await heading(page, 'Your venues');
  const own = await (await page.request.get(`${server.url}/api/v1/own-venues`)).json();
  const venueId: string = own.venues[0].venue.venue_id;
  const lists = await page.request.get(`${server.url}/api/v1/own-venues/${venueId}/guest-lists`);
  return { page, venueId, zone: (await lists.json()).time_zone as string };
}

type Guest = {
  name: string;
  phone?: string | null;
  email?: string | null;
  arrived: number;
  leaves: number;
  household?: number;
};

/** A UUID of version 7, as a telephone makes it. */
function visitId(at: number, n: number): string {
  const time = at.toString(16).padStart(12, '0');
  const rest = `${Date.now()}`.slice(-11);
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${rest}${n}`;
}

/** Checks guests in as a telephone does that was without signal. */
async function checkIn(page: Page, venueId: string, guests: Guest[]) {
  const visits = guests.map(({ name, phone = '0621 123456', email = null, arrived, leaves, household = 0 }, n) => ({
    visit_id: visitId(arrived, n),
    secret: 'A'.repeat(22),
    arrived_at: new Date(arrived).toISOString(),
    leaves_at: new Date(leaves).toISOString(),
    name,
    phone,
    email,
    address: null,
    household,
  }));
  const data = { authority: 'LOCAL', venue_id: venueId, area_id: null, visits };
  const taken = await page.request.post(`${server.url}/api/v1/check-ins`, { data });
  expect(taken.status(), await taken.text()).toBe(201);
}

/** An instant of yesterday evening that can still be entered: arrivals are taken for a day. */
function yesterdayEvening(zone: string): number {
  const { from, until } = windowOf('evening', Date.now(), zone);
  const [begins, ends] = [from, until].map((text) => Date.parse(instantOf(text, zone) ?? ''));
  const first = Math.max((begins ?? 0) + 60_000, Date.now() - 86_400_000 + 120_000);
  return Math.min(first, (ends ?? 0) - 1_000);
}

for (const size of [390, 1280] as const) {
  test(`the list of yesterday evening in ${MOST_ACTIONS} actions, at ${size}`, async ({ page: desk, browser }) => {
    const name = `Café Rosa ${size}`;
    const { page, venueId, zone } = await owner(desk, browser, size, `rosa${size}@example.org`, name);
    const evening = yesterdayEvening(zone);
    await checkIn(page, venueId, [
      { name: 'Ada Öztürk', arrived: evening, leaves: evening + 3 * 3_600_000 },
      { name: 'Mia Adler', phone: '+49 30 55', arrived: evening, leaves: evening + 7_200_000, household: 2 },
      { name: 'A. Öztürk', email: 'ada@example.org', arrived: evening, leaves: evening + 600_000 },
    ]);

    let actions = 0;
    const act = async (what: Promise<void>) => {
      actions += 1;
      await what;
    };
    await act(page.getByRole('link', { name }).click());
    await act(page.getByRole('button', { name: 'Make a guest list' }).click());
    await heading(page, 'Make a guest list');
    await expect(page.getByText('5 more lists can be opened today.')).toBeVisible();
    await sound(page, 'asking for a list');
    await act(page.getByLabel('A guest told us of an infection').check());
    await act(page.getByRole('button', { name: 'Open the list' }).click());
    await heading(page, 'Guest list');
    const rows = page.getByRole('row').filter({ has: page.getByRole('cell') });
    await expect(rows).toHaveCount(3);
    expect(actions).toBeLessThanOrEqual(MOST_ACTIONS);

    await expect(rows.filter({ hasText: 'Mia Adler' })).toContainText('and 2 of the household');
    await expect(rows.filter({ hasText: 'Mia Adler' })).toContainText('may have left from');
    await expect(rows.filter({ hasText: 'Mia Adler' })).toContainText('entered late');
    await expect(page.getByText('the health authority sees it')).toBeVisible();
    await sound(page, 'a list');

    // What may be one person stands side by side; showing it once stores nothing.
    await expect(page.getByRole('heading', { name: 'Perhaps one person' })).toBeVisible();
    await page.getByRole('button', { name: 'Show once: Ada Öztürk' }).press('Enter');
    await expect(rows).toHaveCount(2);
    await page.getByRole('button', { name: 'Show all again' }).click();
    await expect(rows).toHaveCount(3);
    await page.getByLabel('Search this list').fill('ozturk');
    await expect(rows).toHaveCount(2);
    await page.getByLabel('Search this list').fill('');

    for (const [link, kind] of [
      ['Table (CSV)', 'text/csv'],
      ['PDF', 'application/pdf'],
    ] as const) {
      const href = await page.getByRole('link', { name: link }).getAttribute('href');
      const answer = await page.request.get(server.url + href);
      expect([answer.status(), answer.headers()['content-type']?.split(';')[0]]).toEqual([200, kind]);
    }
    await page.emulateMedia({ media: 'print' });
    await expect(page.getByRole('link', { name: 'Table (CSV)' })).toBeHidden();
    await expect(rows).toHaveCount(3);
    await page.emulateMedia({ media: 'screen' });

    // Nobody was there; and without a reason nothing opens.
    await page.getByRole('button', { name: 'Back' }).click();
    await expect(page.getByText('4 more lists can be opened today.')).toBeVisible();
    await page.reload();
    await heading(page, 'Make a guest list');
    await page.getByRole('button', { name: /^Show it again/ }).click();
    await expect(rows).toHaveCount(3);
    await page.getByRole('button', { name: 'Back' }).click();
    await expect(page.getByText('4 more lists can be opened today.')).toBeVisible();
    await page.getByRole('button', { name: 'Open the list' }).click();
    await expect(page.getByRole('alert')).toContainText('Choose why.');
    await page.getByLabel('Another time').check();
    await page.getByLabel('From').fill('2020-03-01T18:00');
    await page.getByLabel('Until').fill('2020-03-01T20:00');
    await page.getByLabel('Another reason').check();
    await page.getByRole('button', { name: 'Open the list' }).click();
    await expect(page.getByRole('alert')).toContainText('Say why, in a few words.');
    await page.getByLabel('Which?').fill('Aunt Ida called');
    await page.getByRole('button', { name: 'Open the list' }).click();
    await expect(page.getByRole('alert')).toContainText('deleted for good');
    await sound(page, 'a day that is gone');

    // The authority sees who opened what, and why; nobody who was on it.
    await desk.setViewportSize(SIZES[size]);
    await desk.goto(`${server.url}/guest-lists/${venueId}`);
    await expect(desk.getByRole('heading', { name: 'Guest lists that were opened' })).toBeVisible();
    const opening = desk.getByRole('listitem').filter({ hasText: 'Rosa Höh' });
    await expect(opening).toHaveCount(1);
    await expect(opening).toContainText('a guest reported an infection');
    await expect(desk.getByText('Öztürk')).toHaveCount(0);
    await sound(desk, 'openings, for staff');
    await page.context().close();
  });

  test(`the door counts and confirms without a name, at ${size}`, async ({ page: desk, browser }) => {
    const { page, venueId, zone } = await owner(desk, browser, size, `door${size}@example.org`, `Kino ${size}`);
    const own = await ask<{ venue: Record<string, unknown> }>(page, 'GET', `/own-venues/${venueId}`);
    await ask(page, 'PUT', `/own-venues/${venueId}`, {
      version: own.venue.version,
      venue_name: own.venue.name,
      kind: 'cafe',
      address: ADDRESS,
      areas: [],
      hours: [],
      capacity: 3,
      usual_stay_min: 60,
      confirms_by_staff: true,
      asks_address: false,
    });
    expect(zone).not.toBe('');
    const now = Date.now();
    await checkIn(page, venueId, [
      { name: 'Ada', arrived: now - 60_000, leaves: now + 3_600_000, household: 1 },
      { name: 'Ben', arrived: now - 30_000, leaves: now + 3_600_000 },
    ]);
    await page.getByRole('link', { name: `Kino ${size}` }).click();
    await page.getByRole('button', { name: 'The door: who is inside' }).click();
    await heading(page, 'At the door');
    await expect(page.getByText('of 3 inside now')).toContainText('3');
    await expect(page.getByText('full')).toBeVisible();
    await expect(page.getByRole('heading', { name: '2 guests to confirm' })).toBeVisible();
    await expect(page.getByText('Ada')).toHaveCount(0);
    await sound(page, 'the door');
    await page
      .getByRole('button', { name: /^Confirm: [0-9A-Z]{4}$/ })
      .first()
      .click();
    await expect(page.getByRole('heading', { name: '1 guest to confirm' })).toBeVisible();
    await expect(page.getByText('Confirmed.')).toBeVisible();

    // Somebody comes: seen by looking again.
    await checkIn(page, venueId, [{ name: 'Cem', arrived: Date.now(), leaves: now + 3_600_000 }]);
    await page.getByRole('button', { name: 'Look again' }).click();
    await expect(page.locator('.count')).toHaveText('4');
    await page.context().close();
  });
}

test('an administrator keeps opening lists to the authority; venues are told whom to call', async ({
  page: desk,
  browser,
}) => {
  const { page } = await owner(desk, browser, 390, 'setting@example.org', 'Bar Setting');
  await desk.goto(`${server.url}/guest-lists`);
  const saved = desk.getByRole('status').filter({ hasText: 'Saved.' });
  await desk.getByLabel('The authority alone').check();
  await expect(saved).toBeVisible();
  await page.getByRole('link', { name: 'Bar Setting' }).click();
  await page.getByRole('button', { name: 'Make a guest list' }).click();
  await expect(page.getByText('only the health authority opens guest lists')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Open the list' })).toHaveCount(0);
  await sound(page, 'nothing to open');
  await desk.getByLabel('The venues and the authority').check();
  await expect(saved).toBeVisible();
  await expect(desk.getByLabel('The venues and the authority')).toBeChecked();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Open the list' })).toBeVisible();
  await page.context().close();
});
