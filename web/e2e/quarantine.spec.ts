// Quarantine and letters: the days of the rules, what is proposed, the order as a PDF, and that it was sent.

import { writeFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { openAccount } from './account.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';
import { ask, newId, openCase } from './work.ts';

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

const ADDRESS = { street: 'Hauptstraße', house_number: '3 a', postcode: '68161', city: 'Mannheim', language: 'tr' };
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** A contact who met a case so many days ago. */
async function contact(page: Page, daysAgo: number, details: Record<string, string> = {}) {
  return openCase(page, { last_name: 'Şahin', exposed_last: inDays(-daysAgo), ...details }, 'contact');
}
async function show(page: Page, caseId: string) {
  await page.goto(`${server.url}/cases/${caseId}?tab=quarantine`);
  await expect(page.getByRole('heading', { level: 2, name: 'Quarantine and letters' })).toBeVisible();
}
const parts = (page: Page) => page.getByRole('region', { name: 'Quarantine and letters' });
const strip = (page: Page) => page.locator('header.strip');

test('the days of the rules are ordered with one click, and another end that a person sets stays', async ({ page }) => {
  await show(page, await contact(page, 2));
  await expect(parts(page)).toContainText('No quarantine is ordered.');
  await expect(page.getByLabel('First day')).toHaveValue(inDays(0));
  await expect(page.getByLabel('Last day, included')).toHaveValue(inDays(12));
  await page.getByRole('button', { name: 'Order quarantine' }).click();
  await expect(parts(page)).toContainText('day 1 of 13');
  await expect(strip(page)).toContainText('Quarantine until');
  await expect(page.getByRole('region', { name: 'Who decided what' })).toContainText('ordered quarantine');
  await expect(page.getByRole('button', { name: /In quarantine until/ })).toBeVisible();
  await page.getByLabel('Last day, included').fill(inDays(15));
  await page.getByLabel('Why').fill('lives with a case');
  await page.getByRole('button', { name: 'Save the days' }).click();
  await expect(parts(page)).toContainText('day 1 of 16');
  await expect(page.getByRole('region', { name: 'Who decided what' })).toContainText('lives with a case');
  await expect(parts(page)).toContainText('By the rules until');
  await page.getByLabel('Last day, included').fill(inDays(-1));
  await page.getByRole('button', { name: 'Save the days' }).click();
  await expect(page.getByLabel('Last day, included')).toHaveAccessibleDescription(/before the first/);
  await page.getByRole('link', { name: 'History', exact: true }).click();
  await expect(page.getByRole('region', { name: 'History' }).first()).toContainText(
    /changed the end of quarantine from .* to .*: lives with a case/,
  );
});

test('a later contact proposes a later end, which is accepted with one click', async ({ page }) => {
  const caseId = await contact(page, 3);
  const set = { first: inDays(0), last: inDays(11), why: null, seen: null };
  await ask(page, 'PUT', `/cases/${caseId}/quarantine`, set);
  await ask(page, 'PATCH', `/cases/${caseId}`, { changes: { exposed_last: inDays(-1) }, seen: null });
  await show(page, caseId);
  const proposal = page.getByRole('region', { name: /^Proposed: quarantine/ });
  await expect(proposal).toContainText('new contact on');
  await expect(proposal).toContainText('14 days after the last contact');
  await expect(strip(page)).toContainText('Proposed: until');
  await expect(page.getByRole('button', { name: /Proposed: until/ }).first()).toBeVisible();
  await proposal.getByRole('button', { name: /^Accept: until/ }).click();
  await expect(proposal).toBeHidden();
  await expect(page.getByLabel('Last day, included')).toHaveValue(inDays(13));
});

test('an order is made, opened as a PDF and noted as sent; what it lacks is said first', async ({ page }) => {
  const caseId = await contact(page, 2);
  const set = { first: inDays(0), last: inDays(12), why: null, seen: null };
  await ask(page, 'PUT', `/cases/${caseId}/quarantine`, set);
  await show(page, caseId);
  await page.getByRole('button', { name: 'Make the letter' }).click();
  const letters = page.getByRole('region', { name: 'Letters', exact: true });
  await expect(letters.getByRole('alert')).toContainText(/letterhead|address is missing/);

  await letters.getByRole('link', { name: 'Letterhead' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Letterhead' })).toBeFocused();
  await page.getByLabel('Street and number').fill('R1, 12');
  await page.getByLabel('Postcode').fill('68161');
  await page.getByLabel('Town').fill('Mannheim');
  await page.getByLabel('Telephone for cases').fill('0621 293 0');
  await page.getByLabel('Legal basis and remedies').fill('Legal basis: section 30 IfSG.');
  await page.getByRole('button', { name: 'Save the letterhead' }).click();
  await expect(page.getByText('The letterhead is saved.')).toBeVisible();

  await show(page, caseId);
  await page.getByRole('button', { name: 'Make the letter' }).click();
  await expect(letters.getByRole('alert')).toContainText('the street, the house number, the postcode and the town');
  await ask(page, 'PATCH', `/cases/${caseId}`, { changes: ADDRESS, seen: null });
  await page.reload();
  await page.getByRole('button', { name: 'Make the letter' }).click();
  await expect(letters).toContainText('Order of quarantine: made');
  const open = letters.getByRole('link', { name: /Open the PDF/ });
  await expect(open).toHaveAttribute('target', '_blank');
  const pdf = await page.request.get(new URL((await open.getAttribute('href')) ?? '', server.url).href);
  expect(pdf.headers()['content-type']).toBe('application/pdf');
  expect(pdf.headers()['content-security-policy']).toContain("default-src 'none'");
  expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-');
  if (process.env.EPITRACE_LETTER) await writeFile(process.env.EPITRACE_LETTER, await pdf.body());

  await letters.getByRole('button', { name: 'Note that it was sent' }).click();
  await expect(letters.getByLabel('How')).toBeFocused();
  await letters.getByLabel('How').selectOption('handed_over');
  await letters.getByRole('button', { name: 'Save' }).click();
  await expect(letters).toContainText(/Sent on .* by hand/);
  await expect(parts(page)).toContainText('The order was sent');
});

test('when it is over the release letter is offered, also where the case is concluded', async ({ page }) => {
  const caseId = await contact(page, 20, { last_name: 'Keller', ...ADDRESS, language: 'en' });
  await ask(page, 'PUT', `/cases/${caseId}/quarantine`, {
    first: inDays(-18),
    last: inDays(-6),
    why: null,
    seen: null,
  });
  const call = { call_id: newId(), called_at: null, outcome: 'reached', call_back_at: null, note: null };
  await ask(page, 'POST', `/cases/${caseId}/calls`, call);
  await page.goto(`${server.url}/cases/${caseId}`);
  await strip(page).getByRole('button', { name: 'Change status' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change the status' });
  await dialog.getByRole('radio', { name: /Conclude/ }).check();
  await dialog.getByRole('link', { name: 'Write the release letter' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('radio', { name: 'Release from quarantine' })).toBeChecked();
});

for (const width of [1280, 390]) {
  test(`what it looks like at ${width}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    const caseId = await contact(page, 5, { last_name: 'Yılmaz', first_name: 'Deniz', ...ADDRESS });
    await ask(page, 'PUT', `/cases/${caseId}/quarantine`, {
      first: inDays(-3),
      last: inDays(9),
      why: null,
      seen: null,
    });
    await ask(page, 'PATCH', `/cases/${caseId}`, { changes: { exposed_last: inDays(-2) }, seen: null });
    await show(page, caseId);
    await expect(page.getByRole('region', { name: /^Proposed/ })).toBeVisible();
    const wider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wider, 'nothing is wider than the window').toBe(false);
    if (process.env.EPITRACE_SHOTS) {
      await page.screenshot({ path: `${process.env.EPITRACE_SHOTS}/quarantine-${width}.png`, fullPage: true });
    }
  });
}
