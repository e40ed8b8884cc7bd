// Each view can be drawn at both sizes. The pictures replace those of the documentation only when that is asked for,
// with EPITRACE_SCREENS=1; else they are left beside the other results of the tests.

import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { openAccount } from './account.ts';
import { startServer } from './server.ts';
import { expect, test } from './test.ts';
import { ask, noteCall, openCase } from './work.ts';

const FOLDER = join(
  import.meta.dirname,
  process.env.EPITRACE_SCREENS === '1' ? '../../docs/screens' : '../test-results/screens',
);
const VIEWS = ['cases', 'outbreak', 'reports', 'audit', 'accounts', 'settings'];
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

async function take(page: Page, name: string, sizes = SIZES) {
  for (const size of sizes) {
    await page.setViewportSize(size);
    await page.mouse.move(0, 0);
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

const daysAgo = (n: number) => new Date(Date.now() - n * 86_400_000).toISOString().slice(0, 10);
const hoursOn = (n: number) => new Date(Date.now() + n * 3_600_000).toISOString();

/** A morning's worklist: fresh cases, some called before, some with details missing. */
async function fillWorklist(page: Page): Promise<string> {
  const sick = { onset: daysAgo(5), tested: daysAgo(3) };
  const first = await openCase(page, {
    ...sick,
    first_name: 'Ada',
    last_name: 'Beispiel',
    sex: 'female',
    mobile: '030 23125 150',
    phone: '030 23125 001',
    born: null,
    city: 'Berlin',
    file_number: '2026/0417',
  });
  const others: Record<string, string | null>[] = [
    { first_name: 'Jan', last_name: 'Muster', sex: 'male', mobile: '030 23125 140', ...sick },
    { first_name: 'Ida', last_name: 'Probe', sex: 'female', mobile: '030 23125 145', born: '1951-02-03' },
    { first_name: 'Cem', last_name: 'Örnek', sex: 'male', mobile: '030 23125 147', says_no_email: null },
    { first_name: 'Lena', last_name: 'von der Höh', sex: 'female', phone: null, onset: daysAgo(2) },
    { first_name: 'Omar', last_name: 'Vorlage', sex: 'male', mobile: '030 23125 142', ...sick },
  ];
  const opened: string[] = [];
  for (const one of others) opened.push(await openCase(page, one));
  await openCase(page, { first_name: 'Mia', last_name: 'Versuch', mobile: '030 23125 148' }, 'contact');
  await openCase(page, { first_name: 'Noah', last_name: 'Schmidt', mobile: '030 23125 151' }, 'contact_medical');
  await openCase(page, { first_name: 'Olga', last_name: 'Klein', sex: 'female', mobile: '030 23125 152' }, 'contact');
  await noteCall(page, first, 'not_reached');
  await noteCall(page, opened[0] ?? '', 'call_back', hoursOn(2));
  await noteCall(page, opened[1] ?? '', 'wrong_number');
  return first;
}

test('the worklist, and the work on a case', async ({ page }) => {
  const server = await startServer();
  await openAccount(page, server);
  const first = await fillWorklist(page);
  await ask(page, 'POST', `/cases/${first}/comments`, {
    comment_id: '01900000-0000-7000-8000-000000000001',
    text: 'Speaks loudly, is hard of hearing.',
  });
  await page.goto(`${server.url}/worklist`);
  const list = page.getByRole('grid', { name: 'the worklist' });
  await expect(list.getByRole('row')).toHaveCount(9);
  await expect(page.getByText('Speaks loudly')).toBeVisible();
  await list.getByText('Olga Klein').click();
  await page.keyboard.press('e');
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
  await list.getByText('Ada Beispiel').click();
  await expect(page.getByText('Speaks loudly')).toBeVisible();
  await take(page, 'worklist');

  await page.setViewportSize({ width: 390, height: 844 });
  await list.getByText('Ada Beispiel').click();
  await expect(page.getByRole('link', { name: 'Back to the worklist' })).toBeVisible();
  await take(page, 'worklist-person', SIZES.slice(1));

  await page.goto(`${server.url}/cases/${first}?tab=items`);
  await expect(page.getByRole('heading', { name: 'What waits' })).toBeVisible();
  await take(page, 'case-work');
  await page.goto(`${server.url}/cases/${first}?tab=details`);
  await expect(page.getByLabel('First name')).toHaveValue('Ada');
  await take(page, 'case-details');
  await page.goto(`${server.url}/cases/new`);
  await page.getByLabel('Last name').fill('Meier2');
  await page.getByRole('button', { name: 'Save the case' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await take(page, 'new-case');
  await server.end();
});
