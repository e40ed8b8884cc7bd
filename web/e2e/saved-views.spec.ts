// Views of the list under a name: saved, opened, shared, deleted and taken back, with the keyboard.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { openAccount, openAccountOf } from './account.ts';
import { type Server, startServer } from './server.ts';
import { expect, test } from './test.ts';
import { openCase } from './work.ts';

let server: Server;
test.beforeEach(async ({ page }) => {
  server = await startServer();
  await openAccount(page, server);
});
test.afterEach(() => server.end());

const menu = (page: Page) => page.getByRole('group', { name: 'Saved views' });
const openMenu = (page: Page) => page.getByRole('button', { name: 'Views', exact: true }).press('Enter');

test('a view is saved, opened, shared with colleagues, deleted and taken back', async ({ page, browser }) => {
  await openCase(page, { last_name: 'Adler', mobile: '030 23125 001', postcode: '68159' });
  await page.goto(`${server.url}/cases?postcode=68*&status=open&sort=onset`);
  await page.getByPlaceholder('Find in this list').fill('Zyxwquarrendell');
  await openMenu(page);
  await expect(menu(page)).toContainText('No view is saved yet');
  const name = menu(page).getByLabel('Save this view as');
  await name.focus();
  await page.keyboard.type('Open, around Mannheim');
  await menu(page).getByRole('checkbox', { name: 'Everybody of the authority sees it' }).press('Space');
  const asked = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/saved-views'));
  await name.press('Enter');
  expect((await asked).postData(), 'what was searched for is not saved').not.toContain('Zyxw');
  await expect(menu(page).getByRole('status')).toHaveText('“Open, around Mannheim” is saved.');
  await expect(menu(page)).toContainText('shared by you');

  await page.goto(`${server.url}/cases`);
  await openMenu(page);
  await menu(page).getByRole('link', { name: 'Open, around Mannheim' }).press('Enter');
  await expect(page).toHaveURL(/status=open&postcode=68\*&sort=onset$/);
  await expect(menu(page)).toBeHidden();
  await expect(page.getByRole('grid', { name: 'Cases' }).getByRole('row').filter({ hasText: 'Adler' })).toBeVisible();

  const colleague = await browser.newContext({ locale: 'en-GB' });
  const other = await colleague.newPage();
  await openAccountOf(other, server, 'colleague', 'case_worker');
  await other.goto(`${server.url}/cases`);
  await openMenu(other);
  await expect(menu(other).getByRole('link', { name: 'Open, around Mannheim' })).toBeVisible();
  await expect(menu(other)).toContainText('shared by');
  await expect(menu(other).getByRole('button', { name: /^Delete/ })).toHaveCount(0);
  await expect(menu(other).getByRole('checkbox')).toHaveCount(0);
  await colleague.close();

  await openMenu(page);
  await menu(page).getByRole('button', { name: 'Delete “Open, around Mannheim”' }).press('Enter');
  await expect(menu(page).getByRole('link')).toHaveCount(0);
  await menu(page).getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(menu(page).getByRole('link', { name: 'Open, around Mannheim' })).toBeVisible();
});

for (const width of [1280, 390]) {
  test(`the menu of views, at ${width}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`${server.url}/cases`);
    await openMenu(page);
    await menu(page).getByLabel('Save this view as').fill('All');
    await page.keyboard.press('Enter');
    await expect(menu(page).getByRole('link', { name: 'All' })).toHaveAttribute('aria-current', 'page');
    const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
    expect(found.violations).toEqual([]);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(sideways, 'scrolls sideways').toBeLessThanOrEqual(0);
    if (process.env.EPITRACE_SHOTS) {
      await page.screenshot({ path: `${process.env.EPITRACE_SHOTS}/saved-views-${width}.png` });
    }
  });
}
