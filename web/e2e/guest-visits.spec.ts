// Guests at a registered venue of a real server: what the page sends is taken, changed, and deleted there.

import type { Browser, Page } from '@playwright/test';
import { openAccount } from './account.ts';
import { type Server, startServer } from './server.ts';
import { expect, test } from './test.ts';
import { ask } from './work.ts';

const ADDRESS = { street: 'Übergasse', house_number: '3a', postcode: '68159', city: 'Mannheim' };

let server: Server;
let venueId: string;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  const desk = await browser.newPage({ locale: 'en-GB' });
  await openAccount(desk, server);
  venueId = await registerVenue(desk);
  await desk.close();
});
test.afterAll(() => server.end());

/** Registers a venue as its owner would, by the link in the mail. */
async function registerVenue(desk: Page): Promise<string> {
  const venue = { venue_name: 'Café Rosa', kind: 'cafe', address: ADDRESS };
  const owner = { email: 'rosa@example.org', name: 'Rosa Höh', phone: null };
  const data = { authority: 'LOCAL', language: 'en', ...owner, venue };
  const registered = await desk.request.post(`${server.url}/api/v1/venue-registrations`, { data });
  expect(registered.status()).toBe(202);
  type Mails = { items: { message_id: string }[] };
  const { items } = await ask<Mails>(desk, 'GET', '/messages?kind=venue_registration');
  const mail = await ask<{ content: { text: string } }>(desk, 'GET', `/messages/${items[0]?.message_id}`);
  const secret = /confirm#(\S+)/.exec(mail.content.text)?.[1] ?? '';
  await ask(desk, 'POST', '/venue-links', { authority: 'LOCAL', secret });
  const found = await ask<{ items: { venue_id: string }[] }>(desk, 'POST', '/venues/search', {
    text: '',
    cursor: null,
  });
  return found.items[0]?.venue_id ?? '';
}

async function checkedIn(browser: Browser) {
  const phone = await browser.newContext({ locale: 'en-GB', viewport: { width: 390, height: 844 }, hasTouch: true });
  const page = await phone.newPage();
  await page.goto(`${server.url}/g/LOCAL/${venueId}#name=Elsewhere`);
  await expect(page.getByRole('heading', { level: 1, name: 'Café Rosa' })).toBeVisible();
  await page.getByLabel('Your name').fill('Mia Adler');
  await page.getByLabel('Telephone').fill('0621 123456');
  await page.getByRole('button', { name: '2', exact: true }).click();
  const sent = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/check-ins'));
  await page.getByRole('button', { name: 'Check in', exact: true }).click();
  await expect(page.getByText('You are checked in at')).toBeVisible();
  return { phone, page, answer: await sent };
}

test('a check-in is taken once, with the day of its deletion; check-out moves its end', async ({ browser }) => {
  const { phone, page, answer } = await checkedIn(browser);
  expect(answer.status()).toBe(201);
  const first = await answer.json();
  const again = await phone.request.post(answer.url(), { data: answer.request().postDataJSON() });
  expect(again.status(), 'sent again').toBe(201);
  expect(await again.json()).toEqual(first);
  const deletedOn = new Date(`${first.visits[0].deleted_on}T00:00:00Z`);
  const day = deletedOn.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' });
  await expect(page.getByText(`Deleted on ${day}.`)).toBeVisible();
  const left = page.waitForResponse((one) => one.url().endsWith('/api/v1/check-outs'));
  await page.getByRole('button', { name: 'Check out' }).click();
  expect((await left).status()).toBe(200);
  await expect(page.getByText('You have checked out of')).toBeVisible();
  await phone.close();
});

test('a wrong secret changes nothing, and the guest’s own deletes', async ({ browser }) => {
  const { phone, page, answer } = await checkedIn(browser);
  const { authority, venue_id, visits } = answer.request().postDataJSON();
  const [{ visit_id, arrived_at }] = visits;
  const leftAt = new Date(Date.parse(arrived_at) + 60_000).toISOString();
  const forged = [{ visit_id, arrived_at, secret: 'A'.repeat(22), left_at: leftAt }];
  const refused = await phone.request.post(`${server.url}/api/v1/check-outs`, {
    data: { authority, venue_id, visits: forged },
  });
  expect(refused.status()).toBe(404);
  await page.getByRole('button', { name: 'Delete my data now' }).click();
  const deleted = page.waitForResponse((one) => one.url().endsWith('/check-ins/deletions'));
  await page.getByRole('button', { name: 'Yes, delete it' }).click();
  expect((await deleted).status()).toBe(204);
  await expect(page.getByRole('heading', { level: 1, name: 'Your data is deleted' })).toBeVisible();
  await phone.close();
});

test('a check-in without signal is taken when the signal is back', async ({ browser }) => {
  const phone = await browser.newContext({ locale: 'en-GB', viewport: { width: 390, height: 844 }, hasTouch: true });
  const before = await phone.newPage();
  await before.goto(`${server.url}/g/`);
  await before.evaluate(async () => void (await navigator.serviceWorker.ready));
  await before.close();
  await phone.setOffline(true);
  const page = await phone.newPage();
  await page.goto(`${server.url}/g/LOCAL/${venueId}#name=Caf%C3%A9%20Rosa`);
  await page.getByLabel('Your name').fill('Mia Adler');
  await page.getByLabel('Telephone').fill('0621 123456');
  await page.getByRole('button', { name: 'Check in', exact: true }).click();
  await expect(page.getByText('Not sent yet. Open me again when you have signal.')).toBeVisible();
  await phone.setOffline(false);
  await expect(page.getByText('You are checked in at')).toBeVisible();
  await phone.close();
});
