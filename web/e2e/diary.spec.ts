// The diary of a case, kept on the telephone: on a desk and on a phone, with the mouse and with the keyboard alone.

import type { Page } from '@playwright/test';
import { openAccount } from './account.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';
import { openCase } from './work.ts';

let server: Server;
let cookies: Cookies;
let userName: string;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  const page = await browser.newPage({ locale: 'en-GB' });
  ({ userName } = await openAccount(page, server));
  cookies = await page.context().cookies();
  await page.close();
});
test.afterAll(() => server.end());
test.beforeEach(async ({ context, page }) => {
  await context.addCookies(cookies);
  await page.goto(`${server.url}/settings`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

const DAY_MS = 86_400_000;
const daysAgo = (n: number) => new Date(Date.now() - n * DAY_MS).toISOString().slice(0, 10);

/** Opens the diary of a contact who was exposed five days ago; half days lie before today at any hour. */
async function openDiary(page: Page, name: string): Promise<string> {
  const details = { last_name: name, mobile: '030 23125 014', exposed_first: daysAgo(5), exposed_last: daysAgo(5) };
  const id = await openCase(page, details, 'contact');
  await page.goto(`${server.url}/cases/${id}?tab=diary`);
  await expect(form(page)).toBeVisible();
  return id;
}
const tab = (page: Page) => page.getByRole('region', { name: 'Diary' });
const form = (page: Page) => tab(page).getByRole('form');
const temperature = (page: Page) => form(page).getByLabel('Temperature in °C');
const strip = (page: Page) => page.locator('header.strip');

for (const [width, height] of [
  [1280, 900],
  [390, 844],
] as const) {
  test.describe(`${width} pixels wide`, () => {
    test.use({ viewport: { width, height } });

    test('no symptoms and 36.8 are two taps', async ({ page }) => {
      await openDiary(page, `Tap${width === 390 ? 'phone' : 'desk'}`);
      await expect(tab(page)).toContainText('Nothing was written yet');
      await expect(tab(page).getByText('no entry').first()).toBeVisible();
      await form(page).getByRole('button', { name: '36.8' }).click();
      await form(page).getByRole('button', { name: 'No symptoms, save' }).click();
      await expect(form(page)).toHaveCount(0);
      const row = tab(page).locator('.slot', { hasText: '36.8 °C, no symptoms' });
      await expect(row).toContainText(`by phone, ${userName}`);
      await expect(row.getByRole('button', { name: /^Change: / })).toBeFocused();
      await expect(page.getByText('Saved: ')).toBeVisible();
      const mark = page.getByRole('group', { name: /^Day ruler/ }).getByRole('button', { name: /Diary.*36\.8 °C/ });
      await expect(mark).toBeVisible();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    });

    test('with the keyboard alone: fever and cough, and somebody must look', async ({ page }) => {
      await openDiary(page, `Key${width === 390 ? 'phone' : 'desk'}`);
      await page.keyboard.press('d');
      await expect(temperature(page)).toBeFocused();
      await page.keyboard.type('38,4');
      const more = form(page).getByRole('button', { name: 'Symptoms, contacts, note …' });
      for (let i = 0; i < 9 && !(await more.evaluate((one) => one === document.activeElement)); i += 1) {
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press('Enter');
      await expect(form(page).getByRole('checkbox').first()).toBeFocused();
      const cough = form(page).getByRole('checkbox', { name: 'Cough (characteristic)', exact: true });
      for (let i = 0; i < 20 && !(await cough.evaluate((box) => box === document.activeElement)); i += 1) {
        await page.keyboard.press('Tab');
      }
      await expect(cough).toBeFocused();
      await page.keyboard.press('Space');
      await expect(form(page).getByRole('button', { name: 'Save with 1 symptom' })).toBeVisible();
      await page.keyboard.press('Enter');
      await expect(form(page)).toHaveCount(0);
      await expect(tab(page)).toContainText('38.4 °C, above the threshold, Cough');
      await expect(page.locator(':focus')).toHaveAccessibleName(/^Change: /);
      await expect(strip(page)).toContainText('First symptom, + 2 more');
      // The next half day that lacks an entry is one key away.
      await page.keyboard.press('d');
      await expect(temperature(page)).toBeFocused();
      await page.keyboard.type('36.8');
      await page.keyboard.press('Enter');
      await expect(tab(page).locator('.slot', { hasText: '36.8 °C, no symptoms' })).toBeVisible();
    });

    test('a rare temperature is asked about beside its field, and an entry is changed', async ({ page }) => {
      await openDiary(page, `Rare${width === 390 ? 'phone' : 'desk'}`);
      await temperature(page).fill('warm');
      await page.keyboard.press('Enter');
      await expect(temperature(page)).toHaveAccessibleDescription('This is no temperature: write 36.8');
      await temperature(page).fill('34.8');
      await expect(temperature(page)).toHaveAccessibleDescription('Rare: measure again, or say that it is meant.');
      await page.keyboard.press('Enter');
      const meant = form(page).getByRole('checkbox', { name: '34.8 °C is meant' });
      await expect(meant).toBeFocused();
      await meant.check();
      await form(page).getByRole('button', { name: 'No symptoms, save' }).click();
      await expect(tab(page)).toContainText('34.8 °C, no symptoms');
      await tab(page)
        .getByRole('button', { name: /^Change: / })
        .click();
      await expect(temperature(page)).toHaveValue('34.8');
      await temperature(page).fill('50');
      await form(page).getByLabel('50.0 °C is meant').check();
      await form(page).getByRole('button', { name: 'No symptoms, save' }).click();
      await expect(temperature(page)).toHaveAccessibleDescription(/Choose 30.0 to 45.0 °C/);
      await temperature(page).fill('37.0');
      await form(page).getByRole('button', { name: 'Symptoms, contacts, note …' }).click();
      await form(page).getByText('20 other symptoms').click();
      await form(page).getByLabel('Headache').check();
      await form(page).getByLabel('Note').fill('slept badly');
      await form(page).getByRole('button', { name: 'Save with 1 symptom' }).click();
      await expect(tab(page)).toContainText('37.0 °C, Headache');
      await expect(tab(page)).toContainText('slept badly');
      await expect(tab(page)).toContainText(`changed by ${userName}`);
      const history = page.getByRole('region', { name: 'History' });
      await expect(history).toContainText('changed the diary by phone.');
      await expect(history).toContainText('37.0 °C, Headache; before that');
    });
  });
}
