// An occasion from its code to contact cases: made at a desk, handed in on a telephone by hand and from a file, opened for a
// reason, narrowed down, made into contact cases.

import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from '@playwright/test';
import { openAccount } from './account.ts';
import { picture } from './pictures.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';
import { ask, newId, openCase } from './work.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
const TELEPHONE = { width: 390, height: 844 };
const HOUR = 3_600_000;

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

/** An occasion of some hours ago, made through the API. Gives its address and its code. */
async function occasion(desk: Page, title: string, caseId: string | null = null) {
  const [from, until] = [new Date(Date.now() - 8 * HOUR), new Date(Date.now() - 3 * HOUR)];
  const id = newId();
  const new_ = { occasion_id: id, title, place: 'Rosengarten', contact: null, from, until, case_id: caseId };
  const made = await ask<{ occasion: { code: string } }>(desk, 'POST', '/occasions', new_);
  return { path: `/occasions/${id}`, code: made.occasion.code };
}

async function stranger(browser: Browser) {
  const context = await browser.newContext({ locale: 'en-GB', viewport: TELEPHONE });
  return context.newPage();
}

async function typeCode(phone: Page, code: string) {
  await phone.goto(`${server.url}/LOCAL/hand-in`);
  await heading(phone, 'Hand in who was there');
  await phone.getByLabel('Code', { exact: true }).fill(code);
  await phone.getByRole('button', { name: 'Go on' }).click();
}

const file = (text: string) => ({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });

test('a list is handed in on a telephone, by hand and from a file, and never read there', async ({ page, browser }) => {
  const { path, code } = await occasion(page, 'Abiball');
  const phone = await stranger(browser);
  await typeCode(phone, '00000000');
  await expect(phone.getByRole('link', { name: /This code doesn’t work/ })).toBeVisible();
  await sound(phone, 'a wrong code');
  await typeCode(phone, `${code.slice(0, 4).toLowerCase()} ${code.slice(4)}`);
  await heading(phone, 'Who was there?');
  await expect(phone.getByText('for good')).toBeVisible();
  expect(await phone.content()).not.toContain('Abiball');

  await phone.getByLabel('Last name').fill('Yılmaz');
  await phone.getByRole('button', { name: 'Add to the list' }).click();
  await expect(phone.getByRole('link', { name: /A telephone number of 5 to 17 digits/ })).toBeVisible();
  await sound(phone, 'somebody who can’t be reached');
  await phone.getByLabel('Telephone number').fill('0621 12345');
  await phone.getByRole('button', { name: 'Add to the list' }).click();
  await expect(phone.getByRole('heading', { name: '1 person on the list' })).toBeVisible();

  const rows = 'Vorname;Nachname;Telefon;Platz;Stimme\nBen;Özil;0621 22222;12-3;Alt\n;;0621 3;;\nCem;Kaya;;;\n';
  await phone.getByLabel('File (CSV)').setInputFiles(file(rows));
  await expect(phone.getByRole('heading', { name: '2 lines of the file can’t be handed in' })).toBeVisible();
  await expect(phone.getByText('Line 3: A name is needed.')).toBeVisible();
  await expect(phone.getByRole('heading', { name: '2 people on the list' })).toBeVisible();
  await sound(phone, 'a list');
  await picture(phone, 'hand-in-390');

  // The connection is lost once; going on sends the same again.
  await phone.route('**/api/v1/handed-visitors', (route) => route.abort(), { times: 1 });
  await phone.getByRole('button', { name: 'Hand in 2 people' }).click();
  await expect(phone.getByText('The connection was lost.')).toBeVisible();
  await phone.getByRole('button', { name: 'Go on sending' }).click();
  await heading(phone, 'Handed in');
  await expect(phone.getByText('2 people were handed in.')).toBeVisible();
  expect(await phone.content()).not.toContain('Özil');
  await sound(phone, 'the receipt');
  const sheet = await ask<{ n_kept: number }>(page, 'GET', path);
  expect(sheet.n_kept).toBe(2);
});

test('twelve hundred people of a file go in block by block', async ({ page, browser }) => {
  const { path, code } = await occasion(page, 'Konzert');
  const phone = await stranger(browser);
  await typeCode(phone, code);
  const rows = Array.from({ length: 1_200 }, (_, i) => `Person${i},06210${10_000 + i},Block ${i % 4},${i}`);
  await phone.getByLabel('File (CSV)').setInputFiles(file(`name,phone,area,seat\n${rows.join('\n')}\n`));
  await phone.getByRole('button', { name: 'Hand in 1200 people' }).click();
  await expect(phone.getByText('1200 people were handed in.')).toBeVisible();
  expect((await ask<{ n_kept: number }>(page, 'GET', path)).n_kept).toBe(1_200);
});

test('an occasion is made, its list opened for a reason, narrowed, and made into contact cases', async ({ page }) => {
  const caseId = await openCase(page, { last_name: 'Breitenbach' });
  await page.goto(`${server.url}/occasions?case=${caseId}`);
  await page.getByRole('button', { name: 'Make the occasion' }).click();
  await expect(page.getByLabel('What was it?')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('What was it?')).toBeFocused();
  await sound(page, 'what lacks of an occasion');
  const day = new Date(Date.now() - 24 * HOUR).toISOString().slice(0, 10);
  await page.getByLabel('What was it?').fill('Geburtstag');
  await page.getByLabel('Where?').fill('Jugendhaus');
  await page.getByLabel('From').fill(`${day}T18:00`);
  await page.getByLabel('Until').fill(`${day}T23:00`);
  await page.keyboard.press('Enter');
  await heading(page, 'Geburtstag');
  await expect(page.getByText('Nobody was handed in')).toBeVisible();
  const code = (await page.locator('dd .code').innerText()).replace(' ', '');

  const visitors = Array.from({ length: 120 }, (_, i) => ({
    visitor_id: newId(),
    last_name: `Gast${i}`,
    phone: `0621 ${10_000 + i}`,
    area: i % 3 ? 'Saal' : 'Garten',
    qualifiers: [],
  }));
  await ask(page, 'POST', '/visitors', { code, group: null, visitors });
  await page.reload();
  await page.getByRole('button', { name: 'Open the list' }).click();
  await expect(page.getByText('Choose why the list is opened.')).toBeVisible();
  await page.getByLabel('Why?').selectOption('own_outbreak');
  await page.getByRole('button', { name: 'Open the list' }).click();
  await expect(page.getByText('120 visitors: 1–')).toBeVisible();
  await expect(page.getByText(/several who were there fell ill/).last()).toBeVisible();
  await sound(page, 'an opened list');
  await picture(page, 'occasion-1280', false);

  await page.getByLabel('Area').selectOption('Garten');
  await page.getByRole('button', { name: 'Narrow down' }).click();
  await expect(page.getByText('40 visitors: 1–40')).toBeVisible();
  await page.getByRole('checkbox', { name: 'Gast0', exact: true }).check();
  await page.getByRole('button', { name: 'Make contact cases of 1 chosen' }).click();
  await expect(page.getByText('1 of 1 are contact cases')).toBeVisible();
  await page.getByRole('button', { name: 'Make contact cases of all 40 found' }).click();
  await expect(page.getByText('39 of 39 are contact cases')).toBeVisible({ timeout: 30_000 });
  const { items } = await ask<{ items: unknown[] }>(page, 'GET', '/cases?case_type=contact&limit=200');
  expect(items.length).toBe(40);

  await page.setViewportSize(TELEPHONE);
  await sound(page, 'an opened list on a telephone');
  await page.keyboard.press('Escape');
  await heading(page, 'Occasions');
  await expect(page.getByRole('link', { name: 'Geburtstag' })).toBeVisible();
  await sound(page, 'the occasions on a telephone');
});
