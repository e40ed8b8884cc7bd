import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { openAccount, PASSWORD } from './account.ts';
import { startServer } from './server.ts';
import { expect, test } from './test.ts';
import { totp } from './totp.ts';

const DEMO = join(import.meta.dirname, '../../demo');
const BAD_ROWS = ['id,sex,dt_onset,dt_report', 'B_1,M,2015-05-17,2015-05-19', 'B_2,F,2015-13-17,2015-05-19'].join('\n');

async function pick(page: Page, file: string | { name: string; mimeType: string; buffer: Buffer }) {
  await page.getByLabel('Choose a file').setInputFiles(file);
  await expect(page.getByRole('heading', { name: 'Which column is which' })).toBeVisible();
}

test('a line list in, with its bad rows in hand: at most six actions', async ({ page }) => {
  const server = await startServer();
  await openAccount(page, server);
  let actions = 0;
  const act = async (what: () => Promise<unknown>) => {
    actions += 1;
    await what();
  };
  await act(() => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Import' }).click());
  await act(() => pick(page, { name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(BAD_ROWS) }));
  await act(() => page.getByLabel('dt_onset').selectOption({ label: 'Symptom onset' }));
  await act(() => page.getByRole('button', { name: 'Import', exact: true }).click());
  await expect(page.getByRole('heading', { name: '1 case is in' })).toBeVisible();
  await expect(page.getByText('Row 3:')).toBeVisible();
  expect(actions).toBeLessThanOrEqual(6);

  await page.getByLabel('Row 3, dt_onset').fill('2015-05-18');
  await page.getByRole('button', { name: 'Import corrected rows' }).click();
  await expect(page.getByText('1 row imported.')).toBeVisible();
  await page.getByRole('link', { name: 'Open the list' }).click();
  await expect(page.getByText('2 cases', { exact: true })).toBeVisible();
  await server.end();
});

test('a session that ends while rows are put right loses none of them', async ({ page, context }) => {
  const server = await startServer();
  const { secret, userName } = await openAccount(page, server);
  await page.goto(`${server.url}/import`);
  await pick(page, { name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(BAD_ROWS) });
  await page.getByLabel('dt_onset').selectOption({ label: 'Symptom onset' });
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByRole('button', { name: 'Import the rows that are fine' }).click();
  await page.getByLabel('Row 3, dt_onset').fill('2015-05-18');
  await context.clearCookies();
  await page.getByRole('button', { name: 'Import corrected rows' }).click();
  await expect(page.getByText('Your session has ended.')).toBeVisible();
  await page.getByLabel('User name').fill(userName);
  await page.getByLabel('Password').fill(PASSWORD);
  // A code works once: this is the next one.
  await page.getByLabel('Code', { exact: true }).fill(totp(secret, Date.now() + 30_000));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByLabel('Row 3, dt_onset')).toHaveValue('2015-05-18');
  await page.getByRole('button', { name: 'Import corrected rows' }).click();
  await expect(page.getByText('1 row imported.')).toBeVisible();
  await server.end();
});

test('the files of the demonstration come in through the page, and SK_14 then has 38', async ({ page }) => {
  const server = await startServer();
  await openAccount(page, server);
  await page.goto(`${server.url}/import`);
  await pick(page, join(DEMO, 'mers_korea_2015_linelist.csv'));
  const columns = { id: 'Reference', dt_onset: 'Symptom onset', dt_diag: 'Positive test', dt_report: 'Report' };
  for (const [column, field] of Object.entries(columns)) await choose(page, column, field);
  await page.getByLabel('Disease').selectOption({ label: 'MERS' });
  await page.getByRole('button', { name: 'Check' }).click();
  await expect(page.getByText('This was a check.')).toBeVisible();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('heading', { name: '162 cases are in' })).toBeVisible();

  await page.getByRole('link', { name: 'Another file' }).click();
  await page.getByRole('radio', { name: /^Infections/ }).check();
  await pick(page, join(DEMO, 'mers_korea_2015_contacts.csv'));
  for (const [column, field] of Object.entries({ from: 'From', to: 'To', exposure: 'Setting' })) {
    await choose(page, column, field);
  }
  await page.getByLabel('Disease').selectOption({ label: 'MERS' });
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('heading', { name: '98 infections are in' })).toBeVisible();

  await page.keyboard.press('/');
  await page.keyboard.type('SK_14');
  await page.getByRole('option', { name: /^SK_14 / }).click();
  await expect(page.getByText(/38 people/)).toBeVisible();
  await server.end();
});

test('a file that is no table says so', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/import`);
  await desk.getByLabel('Choose a file').setInputFiles({
    name: 'picture.xlsx',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from([0x50, 0x4b, 0x03, 0x04, 0, 1, 2, 3]),
  });
  await expect(desk.getByRole('alert')).toBeVisible();
});

async function choose(page: Page, column: string, field: string) {
  const select = page.getByLabel(column, { exact: true });
  const label = await select.locator('option', { hasText: new RegExp(`^${field}( \\(needed\\))?$`) }).innerText();
  await select.selectOption({ label });
}
