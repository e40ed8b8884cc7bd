// Time is the measure: the report says what it counts, and its period stands in the link.

import { readFileSync } from 'node:fs';
import { openAccount } from './account.ts';
import { startServer } from './server.ts';
import { expect, test } from './test.ts';

test('the report of the demonstration says what each share counts, and can be had as a file', async ({
  desk,
  demo,
}) => {
  await desk.goto(`${demo.url}/cases`);
  await desk.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Reports' }).click();
  await expect(desk.getByRole('heading', { level: 1, name: 'Reports' })).toBeFocused();
  const index = desk.getByRole('region', { name: 'Index cases', exact: true });
  const first = index.getByRole('row', { name: /^First conversation/ });
  await expect(first).toContainText(/\d+ of \d+ within 24 h, \d+ within 48 h; \d+ are overdue; \d+ still runs?/);
  await expect(desk.getByRole('region', { name: 'To compare with' })).toContainText('57%');
  await expect(desk.getByRole('region', { name: 'To compare with' })).toContainText('Spencer et al., MMWR 2021');
  const load = desk.getByRole('region', { name: 'What each has to do' });
  await expect(load.getByRole('row', { name: /^mira/ })).toBeVisible();
  await expect(load.getByRole('row', { name: /^nobody’s yet/ })).toBeVisible();
  const saved = desk.waitForEvent('download');
  await desk.getByRole('button', { name: 'Save as CSV' }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/^timeliness-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/);
  const rows = readFileSync(await file.path(), 'utf8').split('\r\n');
  expect(rows[0]).toContain('cases,step,due');
  expect(rows.filter((row) => row.startsWith('index,'))).toHaveLength(5);
});

test('a period is a word of the sentence and stands in the link; without a case it says so', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/reports`);
  await desk.getByRole('button', { name: /^Report: / }).click();
  await desk
    .getByRole('dialog')
    .or(desk.locator('[popover]:popover-open'))
    .locator('input[type=date]')
    .first()
    .fill('2015-05-01');
  await desk
    .getByRole('dialog')
    .or(desk.locator('[popover]:popover-open'))
    .locator('input[type=date]')
    .last()
    .fill('2015-05-02');
  await desk.getByRole('button', { name: 'Apply' }).click();
  await expect(desk).toHaveURL(/first=2015-05-01&last=2015-05-02/);
  await expect(desk.getByRole('heading', { name: 'No case was reported on these days' })).toBeVisible();
  await desk.getByRole('link', { name: 'Start again' }).last().click();
  await expect(desk.getByRole('region', { name: 'Index cases', exact: true })).toBeVisible();
});

test('on a fresh server the page says what will stand there', async ({ page }) => {
  const server = await startServer();
  await openAccount(page, server);
  await page.goto(`${server.url}/reports`);
  await expect(page.getByRole('heading', { name: 'No case was reported on these days' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'What each has to do' })).toBeVisible();
  await server.end();
});

test('people of this week wait on the worklist of the demonstration', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/worklist`);
  const list = desk.getByRole('grid', { name: 'the worklist' });
  await expect(list).toContainText('Mei Tanaka');
  await expect(list).toContainText('Giulia Esposito');
});
