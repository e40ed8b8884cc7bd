// The list asks for the work on cases: what kind, where they stand, whose, quarantine, postcode, test. By address and by
// keyboard, and what is done to many cases is done to those alone.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { openAccount } from './account.ts';
import { type Server, startServer } from './server.ts';
import { expect, test } from './test.ts';
import { ask, openCase } from './work.ts';

let server: Server;
let today: string;

const inDays = (n: number) => new Date(Date.parse(today) + n * 86_400_000).toISOString().slice(0, 10);
const cases = (page: Page) => page.getByRole('grid', { name: 'Cases' });
const names = ['Adler', 'Bauer', 'Clemens'];

/** Adler is a contact in quarantine and mine, Bauer is concluded, Clemens was tested last week; each lives elsewhere. */
test.beforeEach(async ({ page }) => {
  server = await startServer();
  await openAccount(page, server);
  const session = await ask<{ account_id: string; today: string }>(page, 'GET', '/session');
  today = session.today;
  const adler = await openCase(page, { last_name: 'Adler', mobile: '030 23125 001', postcode: '68159' }, 'contact');
  const bauer = await openCase(page, { last_name: 'Bauer', mobile: '030 23125 002', postcode: '68305' });
  await openCase(page, { last_name: 'Clemens', mobile: '030 23125 003', postcode: '10115', tested: inDays(-7) });
  await ask(page, 'PUT', `/cases/${adler}/quarantine`, {
    first: inDays(-3),
    last: inDays(5),
    why: null,
    seen: null,
  });
  await ask(page, 'PUT', `/cases/${adler}/assignment`, { account_id: session.account_id });
  await ask(page, 'POST', `/cases/${bauer}/status`, { status: 'concluded', conclusion: 'completed', text: null });
});
test.afterEach(() => server.end());

/** Those whom the list shows are these, and all that match are as many. */
async function shows(page: Page, expected: string[], what: string) {
  for (const name of names) {
    const rows = cases(page).getByRole('row').filter({ hasText: name });
    await expect(rows, `${name}: ${what}`).toHaveCount(expected.includes(name) ? 1 : 0);
  }
  await expect(page.locator('.title').getByRole('status'), what).toHaveText(new RegExp(`^${expected.length} `));
  await cases(page).focus();
  await page.keyboard.press('x');
  const bar = page.getByRole('region', { name: 'Selected cases' });
  await bar.getByRole('button', { name: `Select all ${expected.length}`, exact: true }).press('Enter');
  await bar.getByRole('button', { name: 'Conclude …' }).press('Enter');
  const many = `Conclude ${expected.length} ${expected.length === 1 ? 'case' : 'cases'}`;
  await expect(page.getByRole('dialog', { name: many }), what).toBeVisible();
  await page.keyboard.press('Escape');
  // What is pressed next would go to the dialog, or to what gets the focus after it.
  await expect(page.getByRole('dialog', { name: many }), what).toBeHidden();
  await expect(bar.getByRole('button', { name: 'Conclude …' })).toBeFocused();
}

test('each condition stands in the address, and what is done to all that match is done to those', async ({ page }) => {
  for (const [query, expected] of [
    ['case_type=contact', ['Adler']],
    ['case_type=index', ['Bauer', 'Clemens']],
    ['status=concluded', ['Bauer']],
    ['status=concluded,open,tracked_manually', ['Adler', 'Bauer', 'Clemens']],
    ['assigned=me', ['Adler']],
    ['assigned=nobody', ['Bauer', 'Clemens']],
    [`quarantined_on=${today}`, ['Adler']],
    [`quarantine_ends_first=${inDays(5)}&quarantine_ends_last=${inDays(6)}`, ['Adler']],
    ['postcode=68305', ['Bauer']],
    ['postcode=68*', ['Adler', 'Bauer']],
    [`tested_last=${inDays(-1)}`, ['Clemens']],
    [`tested_first=${today}&postcode=68*`, ['Bauer']],
  ] as [string, string[]][]) {
    await page.goto(`${server.url}/cases?${query}`);
    await shows(page, expected, query);
  }
});

const sentence = (page: Page) => page.locator('p.sentence');
const add = (page: Page, part: string) =>
  page.getByRole('combobox', { name: 'Add a condition' }).selectOption({ label: part });

test('each condition is set with the keyboard and reads as a sentence', async ({ page }) => {
  await page.goto(`${server.url}/cases`);
  await add(page, 'type of case');
  await page.getByRole('combobox', { name: 'Type of case' }).focus();
  await page.keyboard.type('contact');
  await expect(page).toHaveURL(/case_type=contact$/);
  await shows(page, ['Adler'], 'of a type');

  await page.goto(`${server.url}/cases`);
  await add(page, 'status');
  await page.getByRole('button', { name: 'Status: any status' }).press('Enter');
  await page.getByRole('checkbox', { name: 'concluded' }).press('Space');
  await page.getByRole('checkbox', { name: 'registered', exact: true }).press('Space');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Status: registered or concluded' })).toBeFocused();
  await expect(page).toHaveURL(/status=registered%2Cconcluded$/);
  await shows(page, ['Bauer'], 'where they stand');

  await page.goto(`${server.url}/cases`);
  await add(page, 'whose they are');
  await page.getByRole('combobox', { name: 'Assigned to' }).focus();
  await page.keyboard.type('me');
  await expect(page).toHaveURL(/assigned=me$/);
  await shows(page, ['Adler'], 'mine');

  await page.goto(`${server.url}/cases`);
  await add(page, 'in quarantine on a day');
  await page.getByRole('button', { name: 'In quarantine on: at any time' }).press('Enter');
  await page.getByLabel('In quarantine on', { exact: true }).fill(today);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`quarantined_on=${today}$`));
  await shows(page, ['Adler'], 'in quarantine');

  await page.goto(`${server.url}/cases`);
  await add(page, 'end of quarantine');
  await page.getByRole('button', { name: /^End of quarantine/ }).press('Enter');
  await page.getByLabel('End of quarantine: from').fill(today);
  await page.keyboard.press('Enter');
  await shows(page, ['Adler'], 'ends');

  await page.goto(`${server.url}/cases`);
  await add(page, 'postcode');
  await page.getByRole('button', { name: 'Postcode: any postcode' }).press('Enter');
  await page.getByLabel('Postcode', { exact: true }).fill('Müllheim');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Letters and digits');
  await page.getByLabel('Postcode', { exact: true }).fill('68*');
  await page.keyboard.press('Enter');
  await expect(sentence(page)).toContainText('living in 68…');
  await shows(page, ['Adler', 'Bauer'], 'where they live');

  await add(page, 'day of test');
  await page.getByRole('button', { name: /^Test: / }).press('Enter');
  await page.getByLabel('Test: to').fill(today);
  await page.keyboard.press('Enter');
  await shows(page, ['Bauer'], 'tested, too');
  await page.getByRole('link', { name: 'Start again' }).press('Enter');
  await expect(page).toHaveURL(/\/cases$/);
});

for (const width of [1280, 390]) {
  test(`a long sentence and the new columns, at ${width}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    const query = `case_type=contact&status=open,tracked_manually&assigned=me&quarantined_on=${today}`;
    await page.goto(`${server.url}/cases?${query}&quarantine_ends_last=${inDays(9)}&postcode=68*`);
    await expect(sentence(page)).toContainText('assigned to');
    if (width > 760) {
      await page.getByRole('button', { name: 'Columns' }).click();
      for (const column of ['Type', 'Status', 'Assigned to', 'Quarantine until']) {
        await page.getByRole('checkbox', { name: column, exact: true }).check();
      }
      await page.keyboard.press('Escape');
      await expect(cases(page).getByRole('row').filter({ hasText: 'Adler' })).toContainText('contact');
    }
    await page.getByRole('button', { name: /^Status: / }).click();
    const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
    expect(found.violations).toEqual([]);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(sideways, 'scrolls sideways').toBeLessThanOrEqual(0);
    if (process.env.EPITRACE_SHOTS) {
      await page.screenshot({ path: `${process.env.EPITRACE_SHOTS}/list-filters-${width}.png` });
    }
  });
}
