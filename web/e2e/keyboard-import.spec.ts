// A file from the disk to its last row, without a mouse.

import { openAccount } from './account.ts';
import { closeDialog, doByName, expectFocusInSight, expectNeverLost, press, tabTo, watchFocus } from './focus.ts';
import { startServer } from './server.ts';
import { expect, test } from './test.ts';

const FILE = {
  name: 'list.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from(
    ['id,sex,dt_onset,dt_report', 'B_1,M,2015-05-17,2015-05-19', 'B_2,F,2015-13-17,2015-05-19'].join('\n'),
  ),
};

test('a file is chosen, checked, imported and put right with the keyboard alone', async ({ page }) => {
  const server = await startServer();
  await openAccount(page, server);
  // Waited for from the beginning: the browser has to be told in time that the test chooses instead of somebody.
  const chooser = page.waitForEvent('filechooser');
  await page.goto(`${server.url}/cases`);
  await expect(page.getByRole('heading', { level: 1, name: 'Cases' })).toBeVisible();
  await doByName(page, 'open import');
  await expect(page.getByRole('heading', { level: 1, name: 'Import' })).toBeFocused();
  await expectFocusInSight(page);
  await watchFocus(page);

  // The file
  await tabTo(page, page.getByRole('radio', { name: 'Guess from the file' }));
  await press(page, 'ArrowDown');
  await expect(page.getByRole('radio', { name: /^Line list/ })).toBeFocused();
  await tabTo(page, page.getByLabel('Choose a file'));
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(FILE);
  await expect(page.getByRole('heading', { level: 1, name: 'Import: line list' })).toBeFocused();
  await expectFocusInSight(page);

  // Its columns
  const onset = page.getByRole('combobox', { name: 'dt_onset' });
  await tabTo(page, onset);
  await page.keyboard.type('Symptom');
  await expect(onset.locator('option:checked')).toHaveText('Symptom onset');
  await expectFocusInSight(page);

  // The check
  await tabTo(page, page.getByRole('button', { name: 'Check' }));
  await press(page, 'Enter');
  await expect(page.getByText('This was a check. Nothing is stored yet.')).toBeVisible();
  await expectFocusInSight(page);

  // The import
  await tabTo(page, page.getByRole('button', { name: 'Import the rows that are fine' }));
  await press(page, 'Enter');
  await expect(page.getByRole('heading', { name: '1 case is in' })).toBeVisible();
  await expectFocusInSight(page);

  // The row that was refused
  const cell = page.getByLabel('Row 3, dt_onset');
  await tabTo(page, cell);
  await press(page, 'Control+a');
  await page.keyboard.type('2015-05-18');
  await expectFocusInSight(page);
  await tabTo(page, page.getByRole('button', { name: 'Import corrected rows' }));
  await press(page, 'Enter');
  await expect(page.getByText('1 row imported.')).toBeVisible();
  await expectFocusInSight(page);

  // And on to the list
  await tabTo(page, page.getByRole('link', { name: 'Open the list' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Cases' })).toBeFocused();
  await expect(page.getByText('2 cases', { exact: true })).toBeVisible();
  await expectNeverLost(page);
  await server.end();
});

test('an import is deleted, and a change is undone, with the keyboard alone', async ({ page }) => {
  const server = await startServer();
  await openAccount(page, server);
  await page.goto(`${server.url}/import`);
  await page.getByLabel('Choose a file').setInputFiles(FILE);
  await page.getByLabel('dt_onset').selectOption({ label: 'Symptom onset' });
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('heading', { name: '1 case is in' })).toBeVisible();
  await watchFocus(page);

  await tabTo(page, page.getByLabel('Row 3, dt_onset'));
  await page.keyboard.type('x');
  await tabTo(page, page.getByRole('button', { name: 'Undo changes' }));
  await press(page, 'Enter');
  await expect(page.getByLabel('Row 3, dt_onset')).toHaveValue('2015-13-17');

  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { level: 1, name: 'Import' })).toBeFocused();
  await expectFocusInSight(page);
  await tabTo(page, page.getByRole('button', { name: 'Delete list.csv' }));
  await press(page, 'Enter');
  await closeDialog(page, page.getByRole('button', { name: 'Delete list.csv' }));
  await press(page, 'Enter');
  await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Delete' }));
  await press(page, 'Enter');
  await expect(page.getByText(/^None yet\./)).toBeVisible();
  await expectFocusInSight(page);
  await expectNeverLost(page);
  await server.end();
});
