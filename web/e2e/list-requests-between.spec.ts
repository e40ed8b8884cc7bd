// A case was in a café in another authority's area: asked through that authority, declined with a reason, asked by the poster's
// address, released, and withdrawn.

import { execFileSync } from 'node:child_process';
import type { Browser, Page } from '@playwright/test';
import { toLocal } from '../src/work/times.ts';
import { openAccountOf } from './account.ts';
import { picture } from './pictures.ts';
import { program, type Server, startServer } from './server.ts';
import { expectSound } from './sound.ts';
import { expect, test } from './test.ts';
import { ask, newId, openCase } from './work.ts';

const ADDRESS = { street: 'Übergasse', house_number: '3a', postcode: '68159', city: 'Mannheim' };
const HOUR_MS = 3_600_000;
const WIDE = { width: 1280, height: 832 };
const NARROW = { width: 390, height: 844 };

let server: Server;

test.beforeAll(async () => {
  server = await startServer();
  const args = [
    'admin',
    'create-authority',
    'next',
    '--name',
    'Nextbury',
    '--data',
    server.data,
    '--authority',
    'local',
  ];
  execFileSync(program(), args, { stdio: 'ignore' });
  // Its key is read when a server starts.
  await server.kill();
  await server.restart();
});
test.afterAll(() => server.end());

/** Registers a venue as its owner would, by the link in the mail, and checks somebody in. */
async function cafe(desk: Page): Promise<string> {
  const venue = { venue_name: 'Café Rosa', kind: 'cafe', address: ADDRESS };
  const data = { authority: 'LOCAL', language: 'en', email: 'rosa@example.org', name: 'Rosa Höh', phone: null, venue };
  expect((await desk.request.post(`${server.url}/api/v1/venue-registrations`, { data })).status()).toBe(202);
  type Mails = { items: { message_id: string }[] };
  const { items } = await ask<Mails>(desk, 'GET', '/messages?kind=venue_registration');
  const mail = await ask<{ content: { text: string } }>(desk, 'GET', `/messages/${items[0]?.message_id}`);
  const secret = /confirm#(\S+)/.exec(mail.content.text)?.[1] ?? '';
  await ask(desk, 'POST', '/venue-links', { authority: 'LOCAL', secret });
  type Found = { items: { venue_id: string }[] };
  const found = await ask<Found>(desk, 'POST', '/venues/search', { text: '', cursor: null });
  const venueId = found.items[0]?.venue_id ?? '';
  const visit = {
    visit_id: newId(),
    secret: 'AAAAAAAAAAAAAAAAAAAAAA',
    arrived_at: new Date(Date.now() - 2 * HOUR_MS).toISOString(),
    leaves_at: new Date(Date.now() + HOUR_MS).toISOString(),
    name: 'Ayşe Yılmaz',
    phone: '+49 621 12345',
    email: null,
    address: null,
    household: 0,
  };
  const body = { authority: 'LOCAL', venue_id: venueId, area_id: null, visits: [visit] };
  expect((await desk.request.post(`${server.url}/api/v1/check-ins`, { data: body })).status()).toBe(201);
  return venueId;
}

/** Somebody of the other authority, in a browser of their own. */
async function nora(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ locale: 'en-GB', viewport: WIDE });
  await openAccountOf(page, server, 'nora', 'administrator', 'next');
  return page;
}

async function take(page: Page, name: string) {
  for (const size of [WIDE, NARROW]) {
    await page.setViewportSize(size);
    await expectSound(page, `${name} at ${size.width}`);
    await picture(page, `${name}-${size.width}`);
  }
  await page.setViewportSize(WIDE);
}

const section = (page: Page) => page.getByRole('region', { name: 'Venues and guest lists' });
const others = (page: Page) => page.getByRole('region', { name: 'Requests from other authorities' });

/** Fills the form in and sends it, by keyboard where a press would do. */
async function askElsewhere(page: Page, place: string, whose: string) {
  type Session = { authority: { time_zone: string } };
  const { authority } = await ask<Session>(page, 'GET', '/session');
  const local = (ms: number) => toLocal(new Date(ms), authority.time_zone);
  await section(page).getByRole('button', { name: 'Venue elsewhere' }).press('Enter');
  const form = page.getByRole('form', { name: 'A venue in another authority’s area' });
  await form.getByRole('button', { name: 'Ask that authority' }).press('Enter');
  await expect(form.getByText('A stay lies in the past', { exact: false })).toBeVisible();
  await form.getByLabel('There from').fill(local(Date.now() - 3 * HOUR_MS));
  await form.getByLabel('Until').fill(local(Date.now() - HOUR_MS));
  await form.getByRole('button', { name: 'Ask that authority' }).press('Enter');
  await expect(form.getByText('Say which venue', { exact: false })).toBeVisible();
  await form.getByLabel('Address on the poster').fill(place);
  await form.getByLabel('In whose area is it?').selectOption(whose);
  await form.getByRole('button', { name: 'Ask that authority' }).press('Enter');
  await expect(form).toHaveCount(0);
}

/** Reads the page anew until what comes by itself is there. */
async function comes(page: Page, see: () => Promise<void>) {
  await expect(async () => {
    await page.reload();
    await see();
  }).toPass();
}

test('a list is asked for through another authority, declined, asked again, released and withdrawn', async ({
  page,
  browser,
}) => {
  test.slow();
  await openAccountOf(page, server, 'ada', 'administrator', 'local');
  const venueId = await cafe(page);
  await page.goto(`${server.url}/guest-lists`);
  await expect(others(page).getByText('No other authority asks for a list.')).toBeVisible();
  await take(page, 'between-nobody-asks');

  const asks = await nora(browser);
  const caseId = await openCase(asks, { last_name: 'Adler', phone: '+49 621 1' });
  await asks.goto(`${server.url}/cases/${caseId}`);
  await askElsewhere(asks, 'the café in Übergasse', 'Local health authority');
  await expect(section(asks).getByText('asked through Local health authority')).toBeVisible();
  await expect(section(asks).getByText('waiting')).toBeVisible();

  const asked = others(page).getByRole('listitem');
  await comes(page, () => expect(asked).toContainText('Nextbury asks for a guest list', { timeout: 1_000 }));
  await expect(asked).toContainText('They say: the café in Übergasse');
  await page.goto(`${server.url}/worklist`);
  await page.getByRole('link', { name: 'Another authority asks for a guest list' }).click();
  await expect(asked).toContainText('They say: the café in Übergasse');
  await expect(page.getByText('Adler')).toHaveCount(0);
  await asked.getByLabel('Which venue is it?').fill('nowhere');
  await asked.getByLabel('Which venue is it?').press('Enter');
  await expect(asked.getByText('No venue is found.')).toBeVisible();
  await asked.getByLabel('Which venue is it?').fill('Rosa');
  await asked.getByLabel('Which venue is it?').press('Enter');
  await expect(asked.getByLabel('Venue', { exact: true })).toHaveValue(venueId);
  await take(page, 'between-asked');
  await asked.getByRole('button', { name: /^Decline/ }).press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: 'Another reason' }).check();
  await dialog.getByRole('button', { name: 'Decline' }).press('Enter');
  await expect(dialog.getByText('Say why, in a few words')).toBeVisible();
  await dialog.getByRole('textbox').fill('which of the two cafés there?');
  await take(page, 'between-declining');
  await dialog.getByRole('button', { name: 'Decline' }).press('Enter');
  await expect(page.getByText('Declined. Nextbury reads why.')).toBeVisible();
  await expect(asked).toContainText('declined');
  await comes(asks, () =>
    expect(section(asks)).toContainText('Another reason: “which of the two cafés there?”', { timeout: 1_000 }),
  );
  await asks.goto(`${server.url}/worklist?kind=guest_list_declined`);
  await expect(asks.getByRole('grid')).toContainText('No guest list from another authority');

  // The rules of who is asked say that a list comes at once.
  await ask(page, 'POST', '/rule-sets', {
    disease: 'covid-19',
    based_on: 0,
    newest_seen: 0,
    first: new Date().toISOString().slice(0, 10),
    last: null,
    settings: { lists_at_once: 'yes' },
    past_decisions_stay: false,
  });
  await asks.goto(`${server.url}/cases/${caseId}`);
  await askElsewhere(asks, `${server.url}/g/LOCAL/${venueId}#name=Caf%C3%A9%20Rosa`, '');
  const first = others(page).getByRole('listitem').first();
  await comes(page, () => expect(first.getByLabel('Venue', { exact: true })).toHaveValue(venueId, { timeout: 1_000 }));
  await first.getByRole('button', { name: 'Ask this venue' }).press('Enter');
  await expect(page.getByText('Café Rosa is asked.')).toBeVisible();
  await expect(others(page).getByRole('listitem').first()).toContainText('released');
  await expect(page.getByText('Yılmaz')).toHaveCount(0);
  await take(page, 'between-answered');

  // The history is read beside the list, and may be read before it.
  await comes(asks, async () => {
    await expect(section(asks)).toContainText('1 guest released', { timeout: 1_000 });
    const entry = asks.getByText('The other authority released a guest list: 1 guest');
    await expect(entry).toBeVisible({ timeout: 1_000 });
  });
  await expect(section(asks)).toContainText('Café Rosa, Mannheim');
  await expect(section(asks).getByRole('checkbox', { name: 'Ayşe Yılmaz' })).toBeChecked();
  await take(asks, 'between-released');
  await section(asks).getByRole('button', { name: 'Withdraw the request' }).press('Enter');
  await expect(section(asks).getByText('withdrawn')).toBeVisible();
  await expect(section(asks).getByText('Yılmaz')).toHaveCount(0);
  await comes(page, () =>
    expect(others(page).getByRole('listitem').first()).toContainText('they have taken it back', { timeout: 1_000 }),
  );
  await asks.close();
});
