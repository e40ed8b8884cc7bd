// One thing done to many cases from the list: done, seen case by case, undone.

import type { Page } from '@playwright/test';
import { openAccount } from './account.ts';
import { type Server, startServer } from './server.ts';
import { expectSound } from './sound.ts';
import { expect, test } from './test.ts';
import { ask, openCase } from './work.ts';

let server: Server;
let userName: string;

test.beforeEach(async ({ page }) => {
  server = await startServer();
  ({ userName } = await openAccount(page, server));
});
test.afterEach(() => server.end());

const cases = (page: Page) => page.getByRole('grid', { name: 'Cases' });
const selection = (page: Page) => page.getByRole('region', { name: 'Selected cases' });

async function three(page: Page) {
  const ids: string[] = [];
  for (const [i, name] of ['Adler', 'Bauer', 'Clemens'].entries()) {
    ids.push(await openCase(page, { last_name: name, mobile: `030 23125 00${i}` }));
  }
  await page.goto(`${server.url}/cases`);
  await expect(cases(page).getByRole('row').filter({ hasText: 'Adler' })).toBeVisible();
  return ids;
}
const statusOf = async (page: Page, id: string) =>
  (await ask<{ standing: { status: string } }>(page, 'GET', `/cases/${id}/work`)).standing.status;

test('all that match are concluded with the keyboard, each says what became of it, and all of it is undone', async ({
  page,
}) => {
  const ids = await three(page);
  await ask(page, 'POST', `/cases/${ids[1]}/status`, { status: 'concluded', conclusion: 'completed', text: null });
  await cases(page).focus();
  await page.keyboard.press('x');
  await selection(page).getByRole('button', { name: 'Select all 3' }).press('Enter');
  await selection(page).getByRole('button', { name: 'Conclude …' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Conclude 3 cases' });
  await dialog.getByRole('button', { name: 'Conclude 3 cases' }).press('Enter');
  await expect(dialog.getByRole('alert')).toHaveText('Choose why they are over');
  await dialog.getByRole('radio', { name: 'recovered' }).press('Space');
  await dialog.getByLabel('Comment for each case').fill('season is over');
  await dialog.getByRole('button', { name: 'Conclude 3 cases' }).press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('3 cases concluded: recovered');
  await expect(page.getByRole('link', { name: 'done 2' })).toBeVisible();
  await page.getByRole('link', { name: 'refused 1' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Bauer' })).toContainText('concluded');
  await expect(page.getByRole('row').filter({ hasText: 'Adler' })).toHaveCount(0);
  expect(await statusOf(page, ids[0] ?? '')).toBe('concluded');

  await page.getByRole('button', { name: 'Undo all of it' }).press('Enter');
  await page.getByRole('button', { name: 'Undo 2 cases' }).press('Enter');
  await expect(page.getByRole('link', { name: 'undone 2' })).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'undone' })).toBeVisible();
  expect(await statusOf(page, ids[0] ?? '')).toBe('open');
  await expect(page.getByRole('button', { name: 'Undo all of it' })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('link', { name: '3 cases concluded: recovered' })).toBeVisible();
});

for (const width of [1280, 390]) {
  test(`selected cases are given to somebody, at ${width}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`${server.url}/bulk`);
    await expect(page.getByRole('heading', { name: 'Nothing was done to many cases yet' })).toBeVisible();
    const ids = await three(page);
    for (const name of ['Adler', 'Clemens']) {
      const box = cases(page).getByRole('row').filter({ hasText: name }).getByRole('checkbox');
      await box.click();
      await expect(box).toBeChecked();
    }
    await selection(page).getByRole('button', { name: 'Assign …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Assign 2 cases' });
    await dialog.getByLabel('To whom').selectOption(userName);
    const faults = (what: string) => expectSound(page, what);
    await faults('the dialog');
    await dialog.getByRole('button', { name: 'Assign 2 cases' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`2 cases to ${userName}`);
    await expect(page.getByRole('link', { name: 'done 2' })).toBeVisible();
    await faults('the page of a change');
    const work = await ask<{ standing: { assigned_to: string | null } }>(page, 'GET', `/cases/${ids[0]}/work`);
    expect(work.standing.assigned_to).not.toBeNull();
    await page.goto(`${server.url}/bulk`);
    await faults('the list of changes');
    await expect(page.getByRole('link', { name: `2 cases to ${userName}` })).toBeVisible();
  });
}

for (const width of [1280, 390]) {
  test(`who has an address is counted, invited and not invited any more, at ${width}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    const faults = (what: string) => expectSound(page, what);
    const withMail = { says_no_email: null };
    const adler = await openCase(page, { last_name: 'Adler', email: 'adler@example.org', ...withMail });
    await openCase(page, { last_name: 'Bauer', email: 'bauer@example.org', ...withMail });
    await openCase(page, { last_name: 'Clemens', mobile: '030 23125 002' });
    await page.goto(`${server.url}/cases`);
    await expect(cases(page).getByRole('row').filter({ hasText: 'Adler' })).toBeVisible();
    await cases(page).focus();
    await page.keyboard.press('x');
    await selection(page).getByRole('button', { name: 'Select all 3' }).press('Enter');
    await selection(page).getByRole('button', { name: 'Invite …' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Invite 3 cases by mail' });
    await expect(dialog.getByRole('alert')).toContainText('Texts that everybody may read are missing');
    await expect(dialog.getByRole('button', { name: 'Invite 2 people' })).toBeDisabled();
    await faults('texts are missing');
    await page.keyboard.press('Escape');
    for (const kind of ['welcome', 'terms', 'imprint', 'data_protection']) {
      await ask(page, 'PUT', `/public-texts/${kind}/en`, { version: 0, markup: `# About ${kind}` });
    }
    await selection(page).getByRole('button', { name: 'Invite …' }).press('Enter');
    await expect(dialog.getByText('2 of 3 cases have an e-mail address.')).toBeVisible();
    await expect(dialog.getByText('2 people will get a mail with a code.')).toBeVisible();
    await expect(dialog.getByRole('list')).toHaveText('1 without an e-mail address');
    await faults('who would be invited');
    await dialog.getByRole('button', { name: 'Invite 2 people' }).press('Enter');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('3 cases invited by mail');
    await expect(page.getByRole('link', { name: 'done 2' })).toBeVisible();
    await page.getByRole('link', { name: 'refused 1' }).click();
    await expect(page.getByRole('row').filter({ hasText: 'Clemens' })).toContainText('There is no e-mail address');
    expect(await statusOf(page, adler)).toBe('in_registration');
    await page.getByRole('button', { name: 'Undo all of it' }).press('Enter');
    await expect(page.getByRole('dialog')).toContainText('Codes that nobody redeemed end');
    await faults('the way back');
    await page.getByRole('button', { name: 'Undo 2 cases' }).press('Enter');
    await expect(page.getByRole('link', { name: 'undone 2' })).toBeVisible();
    expect(await statusOf(page, adler)).toBe('open');
  });
}
