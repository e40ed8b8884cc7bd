// The work on one case: by hand, its details, calls, status, what waits, what was done.

import type { Page } from '@playwright/test';
import { openAccount, openAccountOf } from './account.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';
import { ask, newId, openCase } from './work.ts';

let server: Server;
let cookies: Cookies;
let userName: string;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  const page = await browser.newPage({ locale: 'en-GB' });
  ({ userName } = await openAccount(page, server));
  cookies = await page.context().cookies();
  await page.close();
});
test.afterAll(() => server.end());
test.beforeEach(async ({ context, page }) => {
  await context.addCookies(cookies);
  await page.goto(`${server.url}/settings`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

const strip = (page: Page) => page.locator('header.strip');
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name: `Case ${name}` });

async function show(page: Page, caseId: string, tab: string) {
  await page.goto(`${server.url}/cases/${caseId}?tab=${tab}`);
  await expect(page.getByRole('heading', { level: 1, name: /^Case/ })).toBeVisible();
  await expect(strip(page)).toContainText('Status');
}
async function changeStatus(page: Page) {
  await strip(page).getByRole('button', { name: 'Change status' }).click();
  return page.getByRole('dialog', { name: 'Change the status' });
}

test('a case by hand: what is wrong is told above and at its field, then it is in the worklist', async ({ page }) => {
  await page.goto(`${server.url}/worklist`);
  await page.getByRole('link', { name: 'New case' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'New case' })).toBeFocused();
  await page.getByLabel('Last name').fill('Meier2');
  await page.getByLabel('Mobile telephone').fill('12');
  await page.getByRole('button', { name: 'Save the case' }).click();
  const summary = page.getByRole('alert');
  await expect(summary).toBeFocused();
  await expect(summary).toContainText('2 things must be put right');
  await summary.getByRole('link', { name: 'Last name: A name has no digits' }).click();
  const name = page.getByLabel('Last name');
  await expect(name).toBeFocused();
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expect(name).toHaveAccessibleDescription('A name has no digits');
  await name.fill('Meier');
  await page.getByLabel('Mobile telephone').fill('0170 1234567');
  await page.getByRole('button', { name: 'Save the case' }).click();
  await expect(summary).toContainText('Positive test: An index case needs the day of its test');
  await page.getByLabel('Positive test').fill(new Date().toISOString().slice(0, 10));
  await page.getByRole('button', { name: 'Save the case' }).click();
  await expect(heading(page, 'Meier')).toBeFocused();
  await expect(page.getByText('entered the case by hand.')).toBeVisible();
  await expect(strip(page).getByRole('link', { name: 'Call 0170 1234567' })).toHaveAttribute('href', 'tel:01701234567');
  await page.goto(`${server.url}/worklist`);
  await expect(page.getByRole('grid', { name: 'the worklist' })).toContainText('Meier');
});

test('a case that is sent twice is one, also where the first answer got lost', async ({ page }) => {
  await page.goto(`${server.url}/cases/new`);
  await page.getByLabel('Last name').fill('Doppel');
  await page.getByLabel('Positive test').fill(new Date().toISOString().slice(0, 10));
  let lost = false;
  await page.route(/\/api\/v1\/cases$/, async (route) => {
    if (lost || route.request().method() !== 'POST') return route.continue();
    await route.fetch();
    lost = true;
    await route.abort('connectionreset');
  });
  await page.getByRole('button', { name: 'Save the case' }).click();
  await expect(page.getByRole('alert')).toContainText('There is no connection to the server.');
  await expect(page.getByLabel('Last name')).toHaveValue('Doppel');
  await page.getByRole('button', { name: 'Save the case' }).click();
  await expect(heading(page, 'Doppel')).toBeVisible();
  const found = await ask<{ count: number }>(page, 'POST', '/cases/search', { text: 'Doppel' });
  expect(found.count).toBe(1);
});

test('leaving a case that is not saved asks, and staying loses nothing', async ({ page }) => {
  await page.goto(`${server.url}/cases/new`);
  await page.getByLabel('Last name').fill('Halb');
  const asked: string[] = [];
  let answer = false;
  page.on('dialog', (dialog) => {
    asked.push(dialog.message());
    return answer ? dialog.accept() : dialog.dismiss();
  });
  await page.getByRole('link', { name: 'Cancel' }).click();
  await expect(page.getByLabel('Last name')).toHaveValue('Halb');
  expect(asked).toEqual(['What you typed is not saved. Leave anyway?']);
  answer = true;
  await page.getByRole('link', { name: 'Cancel' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Cases' })).toBeVisible();
});

test('details that somebody else changed meanwhile are not written over', async ({ page }) => {
  const id = await openCase(page, { last_name: 'Clash', mobile: '030 23125 010', city: 'Mannheim' });
  await show(page, id, 'details');
  await page.getByLabel('Town').fill('Speyer');
  await page.getByLabel('Street').fill('Ring');
  await expect(page.getByText('2 changes are not saved')).toBeVisible();
  await ask(page, 'PATCH', `/cases/${id}`, { changes: { city: 'Ludwigshafen' }, seen: null });
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByRole('alert')).toContainText('Somebody else changed the same detail meanwhile');
  await page.getByRole('button', { name: 'Load their changes, keep mine' }).click();
  const town = page.getByLabel('Town');
  await expect(town).toBeFocused();
  await expect(town).toHaveValue('Speyer');
  await expect(town).toHaveAccessibleDescription('Meanwhile somebody else wrote: Ludwigshafen');
  await expect(page.getByLabel('Street')).toHaveValue('Ring');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save changes' })).toBeFocused();
  const history = page.getByRole('region', { name: 'History' });
  await expect(history).toContainText('changed the town from Ludwigshafen to Speyer.');
  await expect(history).toContainText('set the street to Ring.');
});

test('details that are wrong are told at their field; emptied ones are gone', async ({ page }) => {
  const id = await openCase(page, { last_name: 'Falsch', mobile: '030 23125 010', file_number: 'B-1' });
  await openCase(page, { last_name: 'Andere', mobile: '030 23125 010', file_number: 'B-2' });
  await show(page, id, 'details');
  await page.getByLabel('File number').fill('B-2');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByLabel('File number')).toHaveAccessibleDescription(/Another case has this file number/);
  await page.getByLabel('File number').fill('');
  await page.getByLabel('Language').selectOption('Turkish');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  const history = page.getByRole('region', { name: 'History' });
  await expect(history).toContainText('removed the file number, which was B-1.');
  await expect(history).toContainText('set the language to Turkish.');
});

test('an administrator concludes a case with its reason, and opens it again with why', async ({ page }) => {
  const id = await openCase(page, { last_name: 'Ende', mobile: '030 23125 010' });
  await show(page, id, 'items');
  await expect(page.getByRole('region', { name: 'Waiting' })).toContainText('Initial call open');
  const dialog = await changeStatus(page);
  await dialog.getByRole('radio', { name: /^Concluded/ }).check();
  await dialog.getByRole('button', { name: 'Conclude the case' }).click();
  await expect(dialog.getByRole('alert')).toHaveText('Say why the case is over');
  await dialog.getByRole('radio', { name: 'not a case' }).check();
  await dialog.getByRole('button', { name: 'Conclude the case' }).click();
  await expect(strip(page)).toContainText('concluded: not a case');
  await expect(page.getByRole('region', { name: 'Over' })).toContainText('ended with the case');
  await expect(page.getByRole('region', { name: 'History' })).toContainText('concluded the case: not a case.');

  await strip(page).getByRole('button', { name: 'Open the case again' }).click();
  const again = page.getByRole('dialog', { name: 'Open the case again' });
  await expect(again).toContainText('The case returns to where it was: open.');
  await again.getByRole('button', { name: 'Open the case again' }).click();
  await expect(again.getByRole('alert')).toHaveText('Say why the case is opened again');
  await again.getByLabel('Why is it opened again?').fill('The laboratory was wrong.');
  await again.getByRole('button', { name: 'Open the case again' }).click();
  await expect(page.getByRole('region', { name: 'Waiting' })).toContainText('Initial call open');
  await page.getByRole('link', { name: 'Calls and comments' }).click();
  await expect(page.getByText('The laboratory was wrong.')).toBeVisible();
});

test('a case worker concludes, but does not open again; an external case comes back', async ({ page, browser }) => {
  const id = await openCase(page, { last_name: 'Fremd', mobile: '030 23125 010' });
  const other = await browser.newPage({ locale: 'en-GB' });
  await openAccountOf(other, server, 'kim', 'case_worker');
  await show(other, id, 'items');
  let dialog = await changeStatus(other);
  await dialog.getByRole('radio', { name: /^With another authority/ }).check();
  await dialog.getByRole('button', { name: 'Change status' }).click();
  await expect(strip(other)).toContainText('with another authority');
  await expect(other.getByText('Nothing waits.')).toBeVisible();
  dialog = await changeStatus(other);
  await dialog.getByRole('radio', { name: 'Open' }).check();
  await dialog.getByRole('button', { name: 'Change status' }).click();
  dialog = await changeStatus(other);
  await dialog.getByRole('radio', { name: /^Concluded/ }).check();
  await dialog.getByRole('radio', { name: 'moved' }).check();
  await dialog.getByRole('button', { name: 'Conclude the case' }).click();
  await expect(strip(other)).toContainText('concluded: moved');
  await expect(strip(other).getByRole('button', { name: 'Open the case again' })).toHaveCount(0);
  await other.close();
});

test('a positive test makes an index case of a contact', async ({ page }) => {
  const id = await openCase(page, { last_name: 'Kontakt', mobile: '030 23125 010' }, 'contact');
  await show(page, id, 'overview');
  await expect(strip(page)).toContainText('contact');
  await strip(page).getByRole('button', { name: 'Positive test' }).click();
  const dialog = page.getByRole('dialog', { name: 'Positive test' });
  await dialog.getByLabel('Day on which the sample was taken').fill('2099-01-01');
  await dialog.getByRole('button', { name: 'Note the test' }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  await dialog.getByLabel('Day on which the sample was taken').fill(new Date().toISOString().slice(0, 10));
  await dialog.getByRole('button', { name: 'Note the test' }).click();
  await expect(page.getByText('It is an index case now.')).toBeVisible();
  await expect(strip(page)).toContainText('index case');
  await expect(page.getByRole('region', { name: 'History' })).toContainText(
    'changed the type from contact to index case, because of a positive test.',
  );
});

test('a call from the page of the case, a comment, whose it is, and the clock', async ({ page }) => {
  const id = await openCase(page, { last_name: 'Uhr', mobile: '030 23125 010', phone: '030 23125 011' });
  await show(page, id, 'calls');
  await expect(page.getByText('Nobody was called yet.')).toBeVisible();
  await page.getByLabel('Write a comment').fill('Speaks Turkish.');
  await page.getByRole('button', { name: 'Add comment' }).click();
  await expect(page.getByText('Comment saved')).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'Speaks Turkish.' })).toContainText(userName);
  await strip(page).getByRole('button', { name: 'Note a call' }).click();
  const dialog = page.getByRole('dialog', { name: 'Note a call' });
  await dialog.getByLabel('Note').fill('will isolate');
  await dialog.getByRole('button', { name: 'Reached', exact: true }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('listitem').filter({ hasText: 'will isolate' })).toContainText('reached');
  await expect(strip(page)).toContainText('followed up by telephone');
  await expect(page.getByRole('region', { name: 'History' })).toContainText(`gave the case to ${userName}.`);
  await strip(page).getByRole('combobox', { name: 'Whose case it is' }).selectOption('nobody');
  await expect(page.getByRole('region', { name: 'History' })).toContainText(
    `took the case from ${userName}: it is nobody’s.`,
  );
  await page.getByRole('link', { name: 'Overview' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'First conversation' })).toContainText('on time');
  await expect(page.getByRole('listitem').filter({ hasText: 'Contacts named' })).toContainText('still in time');
  await expect(page.getByRole('heading', { name: 'Laboratory results' })).toBeVisible();
});

test('on the page of the case an item is resolved and taken back, with a comment', async ({ page }) => {
  const id = await openCase(page, { last_name: 'Zurück', mobile: '030 23125 010', born: null });
  await show(page, id, 'items');
  const waiting = page.getByRole('region', { name: 'Waiting' });
  await expect(waiting.getByRole('link', { name: 'Add details' })).toHaveAttribute('href', /field=born/);
  await waiting.getByRole('button', { name: 'Resolve: Initial call open' }).click();
  await expect(page.getByRole('region', { name: 'Over' })).toContainText(`checked by ${userName}`);
  const bar = page.getByRole('region', { name: 'What was just done' });
  await bar.getByRole('button', { name: 'Undo' }).click();
  await expect(waiting).toContainText('Initial call open');
  await waiting.getByRole('button', { name: 'Resolve: Initial call open' }).click();
  await bar.getByRole('button', { name: 'Add a comment' }).click();
  await bar.getByLabel('Comment').fill('was called by a colleague');
  await bar.getByRole('button', { name: 'Save' }).click();
  await expect(bar).toContainText('Comment saved');
  await page.getByRole('link', { name: 'Calls and comments' }).click();
  await expect(page.getByText('was called by a colleague')).toBeVisible();
});

test('the work on a case can fail alone; the case is still there to be read', async ({ page }) => {
  const id = await openCase(page, { last_name: 'Allein', mobile: '030 23125 010' });
  await page.route(/\/api\/v1\/cases\/[0-9a-f-]+\/work/, (route) =>
    route.fulfill({
      status: 500,
      contentType: 'application/problem+json',
      json: { type: '/problems/internal', title: 'x', status: 500, request_id: newId() },
    }),
  );
  await page.goto(`${server.url}/cases/${id}?tab=items`);
  await expect(heading(page, 'Allein')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Could not load the work on the case' })).toBeVisible();
  await page.unroute(/\/api\/v1\/cases\/[0-9a-f-]+\/work/);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('region', { name: 'Waiting' })).toContainText('Initial call open');
});
