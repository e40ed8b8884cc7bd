// What a person can ask for: everything about them as a file, and that it ends, with a certificate.

import { readFile } from 'node:fs/promises';
import { openAccount } from './account.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';
import { openCase } from './work.ts';

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

test('everything about a person as a file, then erased, and found by nobody', async ({ page }) => {
  const caseId = await openCase(page, { last_name: 'Vergisstmich', mobile: '0170 5550000' });
  await page.goto(`${server.url}/cases/${caseId}?tab=overview`);
  await page.getByRole('link', { name: 'What is stored about this person, and erasing it' }).click();
  const part = page.getByRole('region', { name: 'Data protection' });
  const downloading = page.waitForEvent('download');
  await part.getByRole('button', { name: 'Save the file' }).click();
  const file = JSON.parse(await readFile(await (await downloading).path(), 'utf8'));
  const person = file.tables.find((table: { table: string }) => table.table === 'person');
  expect(person.rows[0].last_name).toBe('Vergisstmich');
  expect(person.columns.find((column: { name: string }) => column.name === 'mobile').what).toBe('Mobile telephone');

  await part.getByRole('button', { name: 'Erase this person …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Erase Vergisstmich for good?' });
  const now = dialog.getByRole('button', { name: 'Erase for good' });
  await dialog.getByLabel('Reason').selectOption('request');
  await expect(now).toHaveAttribute('aria-disabled', 'true');
  await dialog.getByLabel('To be sure, type “erase”').fill('erase');
  await now.press('Enter');
  const certificate = page.getByRole('region', { name: 'Certificate of erasure' });
  await expect(certificate.getByRole('heading', { name: 'Certificate of erasure' })).toBeFocused();
  await expect(certificate).toContainText('index cases');
  await expect(certificate).not.toContainText('Vergisstmich');

  await page.goto(`${server.url}/cases/${caseId}`);
  await expect(page.getByRole('heading', { name: 'Could not find the case' })).toBeVisible();
  await page.goto(`${server.url}/cases`);
  await expect(page.getByRole('heading', { level: 1, name: 'Cases' })).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('Vergiss');
  await expect(page.getByText('Nobody is called that.')).toBeVisible();
});
