// Each view can be drawn at both sizes. The pictures replace those of the documentation only when that is asked for,
// with EPITRACE_SCREENS=1; else they are left beside the other results of the tests.

import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { openAccount } from './account.ts';
import { startServer } from './server.ts';
import { expect, test } from './test.ts';

const FOLDER = join(
  import.meta.dirname,
  process.env.EPITRACE_SCREENS === '1' ? '../../docs/screens' : '../test-results/screens',
);
const VIEWS = ['cases', 'outbreak', 'audit', 'accounts', 'settings'];
const SIZES = [
  { width: 1280, height: 832 },
  { width: 390, height: 844 },
];
const BAD_ROWS = [
  'id;last_name;first_name;onset;tested;reported',
  'A-17;Beispiel;Ada;02.11.2026;04.11.2026;05.11.2026',
  'A-18;Muster;Jan;32.11.2026;05.11.2026;05.11.2026',
  'A-19;Probe;Ida;03.11.2026;05.11.2026;06.11.2026',
  'A-17;Beispiel;Ada;02.11.2026;04.11.2026;05.11.2026',
  ';Vorlage;Eva;04.11.2026;;06.11.2026',
].join('\n');

async function take(page: Page, name: string) {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await page.evaluate(() => {
      window.scrollTo(0, 0);
      if (document.activeElement instanceof HTMLElement && !document.querySelector('dialog[open]')) {
        document.activeElement.blur();
      }
    });
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: join(FOLDER, `${name}-${size.width}.png`) });
  }
}

test('each view at the size of a desk and of a phone', async ({ desk, demo }) => {
  for (const view of VIEWS) {
    await desk.goto(`${demo.url}/${view}`);
    await expect(desk.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(desk.getByText('Loading')).toHaveCount(0);
    await take(desk, view);
  }
  await desk.getByRole('combobox', { name: 'Name or reference' }).fill('SK_14');
  await desk.getByRole('option', { name: /^SK_14 / }).click();
  const first = desk.getByRole('button', { name: /^How the score of/ }).first();
  await first.click();
  await take(desk, 'case');
  await desk.setViewportSize({ width: 1280, height: 832 });
  await desk.keyboard.press('?');
  await expect(desk.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await take(desk, 'keys');
});

test('the way in, and a file with bad rows', async ({ page }) => {
  const server = await startServer();
  if (!server.invitation) throw new Error('this server gave no first invitation');
  await page.goto(server.url);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await take(page, 'sign-in');
  await page.goto(server.invitation);
  await expect(page.getByLabel('Choose a password')).toBeVisible();
  await take(page, 'invitation');
  await page.goto('about:blank');
  await openAccount(page, server);
  await page.goto(`${server.url}/import`);
  const file = { name: 'line list.csv', mimeType: 'text/csv', buffer: Buffer.from(BAD_ROWS) };
  await page.getByLabel('Choose a file').setInputFiles(file);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('heading', { name: '2 cases are in' })).toBeVisible();
  await expect(page.getByText('Row 3:')).toBeVisible();
  await take(page, 'import');
  await server.end();
});
