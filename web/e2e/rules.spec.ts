// The rules of an authority: seen with their sources, made anew and ended, also with the keyboard alone.

import AxeBuilder from '@axe-core/playwright';
import { openAccount, openAccountOf } from './account.ts';
import { closeDialog, expectFocusInSight, expectNeverLost, press, tabTo, watchFocus } from './focus.ts';
import { type Server, startServer } from './server.ts';
import { expect, test } from './test.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];

let server: Server;

test.beforeAll(async () => {
  server = await startServer();
});
test.afterAll(() => server.end());

test('an administrator makes a version with the keyboard alone, sees what it changes, and ends it', async ({
  page,
}) => {
  const faults = async () => (await new AxeBuilder({ page }).withTags(RULES).analyze()).violations;
  await openAccount(page, server);
  await page.goto(`${server.url}/settings`);
  await page.getByRole('link', { name: 'Open the rules' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Rules' })).toBeFocused();
  await expect(page.getByRole('heading', { name: 'The built-in rules hold today' })).toBeVisible();
  await expect(page.getByText('Source: CDC 2020, definition of close contact', { exact: false })).toBeVisible();
  expect(await faults()).toEqual([]);
  await watchFocus(page);

  // Wrong at first: each fault stands beside its field, and the first of them has the focus
  await tabTo(page, page.getByRole('button', { name: 'New version' }));
  await press(page, 'Enter');
  const before = page.getByLabel('Infectious before onset');
  await tabTo(page, before);
  await press(page, 'Control+a');
  await page.keyboard.type('99');
  await press(page, 'Enter');
  await expect(page.getByRole('alert')).toHaveText('1 field must change');
  await expect(page.getByText('choose 0 to 14 days', { exact: false })).toBeVisible();
  await expect(before).toBeFocused();
  await expectFocusInSight(page);
  expect(await faults()).toEqual([]);

  // Seen before it is made, thought over, made
  await press(page, 'Control+a');
  await page.keyboard.type('3');
  const see = page.getByRole('button', { name: 'See what changes' });
  await tabTo(page, see);
  await press(page, 'Enter');
  const asked = page.getByRole('dialog', { name: 'Make version 1?' });
  await expect(asked.getByText('Infectious before onset: 2 days → 3 days')).toBeVisible();
  await expect(asked.getByText('0 cases at work get other infectious days')).toBeVisible();
  expect(await faults()).toEqual([]);
  await closeDialog(page, see);
  await press(page, 'Enter');
  await tabTo(page, asked.getByRole('button', { name: 'Make this version' }));
  await press(page, 'Enter');
  await expect(page.getByText('Version 1 is made.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Version 1 holds today' })).toBeVisible();
  await expect(page.getByText('set by this authority, version 1', { exact: false })).toBeVisible();
  await expect(page.getByRole('button', { name: 'New version' })).toBeFocused();
  await expectFocusInSight(page);

  // Ended
  await tabTo(page, page.getByRole('button', { name: 'End version 1' }));
  await press(page, 'Enter');
  const ending = page.getByRole('dialog', { name: 'End version 1' });
  await tabTo(page, ending.getByRole('button', { name: 'End', exact: true }));
  await press(page, 'Enter');
  await expect(page.getByText('Version 1 has an end.')).toBeVisible();
  await expect(page.getByRole('rowheader', { name: 'version 2' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'New version' })).toBeFocused();
  await expectFocusInSight(page);
  await expectNeverLost(page);

  // Another disease has its own
  await page.getByLabel('Disease').selectOption('measles');
  await expect(page.getByRole('heading', { name: 'The built-in rules hold today' })).toBeVisible();
  await expect(page.getByText('CDC, Pink Book, measles: from 4 days before rash', { exact: false })).toBeVisible();
});

test('a version that begins in the past asks for the word that decisions made before stay explained', async ({
  page,
}) => {
  await openAccountOf(page, server, 'past.example', 'administrator');
  await page.goto(`${server.url}/settings/rules?disease=mpox`);
  await page.getByRole('button', { name: 'New version' }).click();
  await page.getByLabel('First day').fill('2022-07-01');
  await page.getByRole('button', { name: 'See what changes' }).click();
  await expect(page.getByText('it would begin in the past', { exact: false })).toBeVisible();
  await page.getByLabel('It begins in the past', { exact: false }).check();
  await page.getByRole('button', { name: 'See what changes' }).click();
  await page.getByRole('button', { name: 'Make this version' }).click();
  await expect(page.getByText('Version 1 is made.')).toBeVisible();
  await expect(page.getByText('from 1 July 2022 on')).toBeVisible();
});

test('whoever works by the rules sees them and is offered no change', async ({ page }) => {
  await openAccountOf(page, server, 'kim.example', 'case_worker');
  await page.goto(`${server.url}/settings/rules`);
  await expect(page.getByRole('heading', { name: 'Versions' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'New version' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^End version/ })).toHaveCount(0);
});
