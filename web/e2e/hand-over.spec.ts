// A case goes to another authority: asked, previewed, accepted and there, whatever is killed in between; or refused.

import { execFileSync } from 'node:child_process';
import type { Browser, Page } from '@playwright/test';
import { openAccountOf } from './account.ts';
import { program, type Server, startServer } from './server.ts';
import { expectSound } from './sound.ts';
import { expect, test } from './test.ts';
import { openCase } from './work.ts';

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

/** Somebody of the other authority, in a browser of their own. */
async function nora(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ locale: 'en-GB' });
  await openAccountOf(page, server, 'nora', 'administrator', 'next');
  return page;
}

async function ask(page: Page, caseId: string) {
  await page.goto(`${server.url}/cases/${caseId}`);
  await page.getByRole('button', { name: 'Change status' }).click();
  await page.getByRole('button', { name: 'Hand over to another authority …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Hand the case over' });
  await dialog.getByLabel('To which authority?').selectOption('Nextbury');
  await dialog.getByRole('radio', { name: 'The person has moved there' }).check();
  await expectSound(page, 'whom to ask');
  await dialog.getByRole('button', { name: 'Ask them' }).click();
  await expect(page.getByText('Nextbury is asked to take this case over', { exact: false })).toBeVisible();
}

test('a case is handed over while servers die, and is there once; another is refused', async ({ page, browser }) => {
  test.slow();
  await openAccountOf(page, server, 'ada', 'administrator', 'local');
  await page.goto(`${server.url}/hand-overs`);
  await expect(page.getByRole('heading', { name: 'No case was handed over yet' })).toBeVisible();
  await expectSound(page, 'nothing was handed over');
  const goes = await openCase(page, { last_name: 'Adler', phone: '+49 621 1', postcode: '68161', onset: '2026-01-02' });
  const stays = await openCase(page, { last_name: 'Bauer', phone: '+49 621 2', postcode: '68159' });
  await ask(page, goes);
  await server.kill();
  await server.restart();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Take this back' })).toBeVisible();
  await expectSound(page, 'a case that somebody is asked to take over');

  const other = await nora(browser);
  await other.goto(`${server.url}/worklist`);
  await expect(async () => {
    await other.reload();
    await expect(other.getByRole('link', { name: 'Another authority asks you to take a case over' })).toBeVisible();
  }).toPass();
  await expectSound(other, 'a worklist with a hand-over that waits');
  await other.getByRole('link', { name: 'Another authority asks you' }).click();
  await expect(other.getByRole('heading', { level: 1, name: 'Hand-overs' })).toBeFocused();
  const waits = other.getByRole('region', { name: 'Others ask you' }).getByRole('listitem');
  await expect(waits).toContainText('lives in 68161');
  await expect(waits).toContainText('40-49 years');
  await expect(waits).toContainText('Nobody here looks like this person.');
  await expect(other.getByText('Adler')).toHaveCount(0);
  await expectSound(other, 'a hand-over that waits');
  await other.setViewportSize({ width: 390, height: 844 });
  await expectSound(other, 'a hand-over that waits, on a telephone');
  await waits.getByRole('button', { name: /^Take the case over/ }).click();
  await expect(other.getByText(/You take the case over from/)).toBeVisible();
  for (let times = 0; times < 4; times += 1) {
    await server.kill();
    await server.restart();
  }
  await other.setViewportSize({ width: 1280, height: 832 });
  await expect(async () => {
    await other.goto(`${server.url}/hand-overs`);
    await other.getByRole('link', { name: 'Open the case' }).click({ timeout: 1_000 });
  }).toPass();
  await expect(other.getByRole('heading', { level: 1 })).toContainText('Adler');
  await expect(other.getByText(/^Taken over from/)).toBeVisible();
  await expectSound(other, 'a case that was taken over');
  await other.goto(`${server.url}/cases`);
  await expect(other.getByRole('row').filter({ hasText: 'Adler' })).toHaveCount(1);

  await expect(async () => {
    await page.goto(`${server.url}/cases/${goes}`);
    await expect(page.getByText(/^Nextbury has this case/)).toBeVisible({ timeout: 1_000 });
  }).toPass();
  for (const name of ['Change status', 'Note a call', 'Positive test', 'Assign to me']) {
    await expect(page.getByRole('button', { name, exact: true })).toHaveCount(0);
  }
  await expectSound(page, 'a copy to read');

  await ask(page, stays);
  await expect(async () => {
    await other.goto(`${server.url}/hand-overs`);
    await other.getByRole('button', { name: /^Refuse/ }).click({ timeout: 1_000 });
  }).toPass();
  const dialog = other.getByRole('dialog');
  await dialog.getByRole('radio', { name: 'Another reason' }).check();
  await dialog.getByRole('button', { name: 'Refuse' }).click();
  await expect(dialog.getByText('Say why, in a few words', { exact: false })).toBeVisible();
  await dialog.getByRole('textbox').fill('lives with you again');
  await expectSound(other, 'a refusal');
  await dialog.getByRole('button', { name: 'Refuse' }).click();
  await expect(other.getByText('You refused. They read why.')).toBeVisible();
  await expect(async () => {
    await page.goto(`${server.url}/cases/${stays}`);
    await expect(page.getByText('Nextbury refused to take this case over.')).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(page.getByText('lives with you again')).toBeVisible();
  await page.goto(`${server.url}/worklist?kind=hand_over_refused`);
  await expect(page.getByRole('grid')).toContainText('Bauer');
  await expect(page.getByRole('grid')).toContainText('Hand-over refused');
  await other.close();
});
