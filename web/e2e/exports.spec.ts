// Cases as files: from the list with its filter, with names and without, and workbooks that a job makes.

import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { openAccount, openAccountOf } from './account.ts';
import { type Server, startServer } from './server.ts';
import { expectSound } from './sound.ts';
import { expect, test } from './test.ts';
import { openCase } from './work.ts';

let server: Server;

test.beforeAll(async () => {
  server = await startServer();
});
test.afterAll(() => server.end());

/** Saves what a link or button gives, and returns its name and text. */
async function saved(page: Page, click: () => Promise<void>): Promise<{ name: string; text: string }> {
  const [file] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'latin1') };
}

test('cases leave as files: those of the filter, with names and without, and as a workbook', async ({ page }) => {
  await openAccount(page, server);
  await openCase(page, { last_name: 'Adler', phone: '+49 30 23125000', onset: '2026-01-02' });
  await openCase(page, { last_name: 'Bauer', onset: '2026-02-02' });
  await page.goto(`${server.url}/cases?onset_last=2026-01-31`);
  await page.getByRole('link', { name: 'Export', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Export' })).toBeFocused();
  await expect(page.getByText('The cases of the list’s filter.')).toBeVisible();
  await expect(page.getByText('1 case.')).toBeVisible();
  await expectSound(page, 'the kinds of files');

  const cases = await saved(page, () => page.getByRole('link', { name: 'Save CSV: Cases', exact: true }).click());
  expect(cases.name).toMatch(/_cases_\d{4}-\d\d-\d\d\.csv$/);
  expect(cases.text).toContain('Adler');
  expect(cases.text).toContain("'+49 30 23125000");
  expect(cases.text).not.toContain('Bauer');
  const list = await saved(page, () => page.getByRole('link', { name: 'Save CSV: Line list without names' }).click());
  expect(list.text).toContain('2026-01-02');
  expect(list.text).not.toContain('Adler');

  await page.getByRole('button', { name: 'Make a workbook: Cases', exact: true }).click();
  const workbook = page.getByRole('link', { name: 'Save XLSX: Cases' });
  await expect(workbook).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText(/^1 rows?, /)).toBeVisible();
  const book = await saved(page, () => workbook.click());
  expect(book.text.slice(0, 2)).toBe('PK');
  await expectSound(page, 'a workbook that is ready');
  await page.setViewportSize({ width: 390, height: 844 });
  await expectSound(page, 'on a telephone');
  await page.getByRole('button', { name: 'Delete: Cases' }).click();
  await expect(page.getByText('The workbook is deleted.')).toBeVisible();

  await page.goto(`${server.url}/settings`);
  await page.getByRole('radio', { name: 'Deutsch' }).check();
  await expect(page.getByRole('heading', { level: 1, name: 'Einstellungen' })).toBeVisible();
  await page.goto(`${server.url}/reports/exports`);
  await expect(page.getByRole('heading', { level: 1, name: 'Ausgabe' })).toBeVisible();
  await expectSound(page, 'in German');
  const german = await saved(page, () => page.getByRole('link', { name: 'CSV speichern: Fälle', exact: true }).click());
  expect(german.text).toContain('Nachname;Vorname');
});

for (const [width, name, year] of [
  [1280, 'Zander', 2025],
  [390, 'Yildiz', 2024],
] as const) {
  test(`selected cases leave as a file of any kind, and so do all that match, at ${width}`, async ({ page }) => {
    await openAccountOf(page, server, `kim${width}`, 'case_worker');
    await page.setViewportSize({ width, height: 844 });
    await openCase(page, { last_name: name, onset: `${year}-01-02` });
    await page.goto(`${server.url}/cases?onset_first=${year}-01-01&onset_last=${year}-12-31`);
    const grid = page.getByRole('grid', { name: 'Cases' });
    await grid.getByRole('row').filter({ hasText: name }).getByRole('checkbox').click();
    const bar = page.getByRole('region', { name: 'Selected cases' });
    await bar.getByRole('button', { name: 'Export …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Export 1 case' });
    await expect(dialog.getByRole('radio', { name: 'Cases', exact: true })).toBeChecked();
    await expectSound(page, 'the kinds for a selection');
    const chosen = await saved(page, () => dialog.getByRole('button', { name: 'Save CSV' }).click());
    expect(chosen.name).toBe('cases.csv');
    expect(chosen.text).toContain(name);
    expect(chosen.text).not.toContain('Adler');
    await expect(bar.getByRole('status')).toHaveText('File of 1 case saved.');

    await bar.getByRole('button', { name: /^Select all/ }).click();
    await bar.getByRole('button', { name: 'Export …' }).click();
    const all = page.getByRole('dialog', { name: /^Export / });
    await all.getByRole('radio', { name: 'SORMAS', exact: true }).check();
    const sormas = await saved(page, () => all.getByRole('button', { name: 'Save CSV' }).click());
    expect(sormas.name).toMatch(/_sormas_\d{4}-\d\d-\d\d\.csv$/);
    expect(sormas.text).toContain(name);
    expect(sormas.text).not.toContain('Adler');
  });
}
