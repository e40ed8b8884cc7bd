// An authority that has begun today: each view says what it is for and what to do first.

import { openAccount } from './account.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';

const ONE_CASE = { name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from('id,onset\nA_1,2026-01-05') };

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
test.beforeEach(({ context }) => context.addCookies(cookies));

test('where nobody waits the worklist says who will stand there, and leads to a new case and to the import', async ({
  page,
}) => {
  await page.goto(server.url);
  await expect(page.getByRole('heading', { level: 1, name: 'Worklist' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Nobody waits' })).toBeVisible();
  await expect(page.getByText(/^Whoever must be called or looked at stands here/)).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'Import a line list' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Import' })).toBeFocused();
  await page.goto(`${server.url}/worklist`);
  await page.getByRole('main').getByRole('link', { name: 'New case' }).last().click();
  await expect(page.getByRole('heading', { level: 1, name: 'New case' })).toBeFocused();
});

test('without cases the list says where they come from, and leads there', async ({ page }) => {
  await page.goto(`${server.url}/cases`);
  await expect(page.getByRole('heading', { name: 'No cases yet' })).toBeVisible();
  await expect(page.getByText('Cases appear here when a line list is imported.')).toBeVisible();
  await page.getByRole('link', { name: 'Import a line list' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Import' })).toBeFocused();
});

test('without cases the outbreak says what it is made from, and leads to the import', async ({ page }) => {
  await page.goto(`${server.url}/outbreak`);
  await expect(page.getByRole('heading', { name: 'No cases to report on' })).toBeVisible();
  await expect(page.getByText(/^The curve, the reproduction number and the chains are made from/)).toBeVisible();
  await page.getByRole('link', { name: 'Import a line list' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Import' })).toBeFocused();
});

test('without imports the list of them says what will stand there', async ({ page }) => {
  await page.goto(`${server.url}/import`);
  const earlier = page.getByRole('region', { name: 'Earlier imports' });
  await expect(earlier.getByText('None yet. Choose a file above:')).toBeVisible();
  await expect(page.getByLabel('Choose a file')).toBeEnabled();
});

test('where nothing was recorded the audit log says what is, and leads back to everything', async ({ page }) => {
  await page.goto(`${server.url}/audit?first=2001-01-01&last=2001-01-02`);
  await expect(page.getByRole('heading', { name: 'Nothing was recorded' })).toBeVisible();
  await expect(page.getByText('Everything that shows or changes a person is recorded here.')).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'Start again' }).click();
  await expect(page.getByRole('cell', { name: 'Accepted an invitation' })).toBeVisible();
});

test('whoever is alone in an authority reads what accounts are for, and makes the first one', async ({ page }) => {
  await page.goto(`${server.url}/accounts`);
  await expect(page.getByText('You are alone here so far.')).toBeVisible();
  await page.getByRole('button', { name: 'New account' }).click();
  await expect(page.getByRole('dialog', { name: 'New account' }).getByLabel('User name')).toBeVisible();
});

test('without tokens the settings say what they are for, and how to make one', async ({ page }) => {
  await page.goto(`${server.url}/settings`);
  const tokens = page.getByRole('region', { name: 'Tokens for programs' });
  await expect(tokens.getByText('A program that sends a token acts in your name')).toBeVisible();
  await expect(tokens.getByText('None yet.')).toBeVisible();
  await tokens.getByRole('button', { name: 'New token' }).click();
  await expect(page.getByRole('dialog', { name: 'New token' }).getByLabel('Name')).toBeVisible();
});

// The last test: with it the authority is no longer empty.
test('a case of whom nothing else is known says what is missing, and leads to the import', async ({ page }) => {
  await page.goto(`${server.url}/import`);
  await page.getByLabel('Choose a file').setInputFiles(ONE_CASE);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByRole('link', { name: 'Open the list' }).click();
  await page.getByRole('grid', { name: 'Cases' }).getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'Nobody is known to have been exposed' })).toBeVisible();
  await expect(page.getByText('Infections, encounters and visits say who was exposed.')).toBeVisible();
  await page.getByRole('link', { name: 'Possible sources' }).click();
  await expect(page.getByRole('heading', { name: 'No source is known' })).toBeVisible();
  await page.getByRole('link', { name: 'Import encounters or visits' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Import' })).toBeFocused();
});
