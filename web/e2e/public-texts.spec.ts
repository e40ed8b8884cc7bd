// What an authority tells everybody, read by anybody; and what it offers, on the pages of those for whom it is.

import { enrolled, faults, heading, invited, PASSWORD, prepareOffice } from './patients.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';
import { ask } from './work.ts';

let server: Server;
let cookies: Cookies;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  cookies = await prepareOffice(browser, server);
});
test.afterAll(() => server.end());

/** A desk where an administrator is signed in. */
async function atDesk(page: import('@playwright/test').Page) {
  await page.context().addCookies(cookies);
  await page.goto(`${server.url}/settings`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

test('anybody reads the texts in their language, on a telephone and at a desk', async ({ browser, page }) => {
  await atDesk(page);
  await ask(page, 'PUT', '/public-texts/imprint/de', { version: 0, markup: '## Amt\n\nMusterweg 1' });
  for (const width of [390, 1280]) {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width, height: 844 } });
    const stranger = await context.newPage();
    await stranger.goto(`${server.url}/local/about/imprint`);
    await heading(stranger, 'Imprint');
    await expect(stranger.getByRole('heading', { name: 'About imprint' })).toBeVisible();
    await expect(stranger.getByRole('button', { name: 'Back' })).toHaveCount(0);
    await faults(stranger, `imprint at ${width}`);
    const foot = stranger.getByRole('navigation', { name: 'About these pages' });
    await expect(foot.getByRole('link', { name: 'Imprint' })).toHaveAttribute('aria-current', 'page');
    await foot.getByRole('link', { name: 'Terms of use' }).click();
    await heading(stranger, 'Terms of use');
    await stranger.getByRole('button', { name: 'Back' }).click();
    await heading(stranger, 'Imprint');
    await stranger.getByLabel('Language').selectOption('de');
    await heading(stranger, 'Impressum');
    await expect(stranger.getByText('Musterweg 1')).toBeVisible();
    await expect(stranger.locator('[lang="de"] h3', { hasText: 'Amt' })).toBeVisible();
    await faults(stranger, `Impressum at ${width}`);
    await context.close();
  }
});

test('an address without authority, and a text that is not written, say so and what to do', async ({
  page,
  request,
}) => {
  expect((await request.get(`${server.url}/api/v1/authorities/nowhere/texts`)).status()).toBe(404);
  await page.goto(`${server.url}/nowhere/about/imprint`);
  await heading(page, 'There is nothing here yet');
  await expect(page.getByText('There is no health authority at this address.')).toBeVisible();
  await expect(page.getByText('Please check each letter of the address.')).toBeVisible();
  await faults(page, 'no authority');
  await page.goto(`${server.url}/local/about/offers`);
  await expect(page.getByText('Your health authority has not written this text yet.')).toBeVisible();
  await expect(page.getByText('Call them if you want to know something.')).toBeVisible();
  await faults(page, 'no text');
  await page.route('**/api/v1/authorities/**', (route) => route.abort());
  await page.goto(`${server.url}/local/about/terms`);
  await expect(page.getByText('There is no network.')).toBeVisible();
  await page.unroute('**/api/v1/authorities/**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'About terms' })).toBeVisible();
});

test('whoever reads a text before they agree loses nothing of what they typed', async ({ page, browser }) => {
  await atDesk(page);
  const { code } = await invited(page, 'Mia', 'Reads');
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 390, height: 844 }, hasTouch: true });
  const phone = await context.newPage();
  await phone.goto(`${server.url}/LOCAL/enrol`);
  await phone.getByLabel('Code').fill(code);
  await phone.getByRole('button', { name: 'Continue' }).click();
  await heading(phone, 'Welcome');
  await phone.getByRole('link', { name: 'Data protection' }).click();
  await heading(phone, 'Data protection');
  await phone.goBack();
  await heading(phone, 'Welcome');
  await phone.getByRole('button', { name: 'Begin' }).click();
  await phone.getByLabel('Day', { exact: true }).fill('17');
  await phone.getByLabel('Month').fill('5');
  await phone.getByLabel('Year').fill('1982');
  await phone.getByRole('button', { name: 'Continue' }).click();
  await phone.getByLabel('User name').fill('miareads');
  await phone.getByLabel('Password').fill(PASSWORD);
  await phone.getByLabel('I have read').check();
  await phone.getByRole('link', { name: 'Terms of use' }).click();
  await heading(phone, 'Terms of use');
  await phone.getByRole('button', { name: 'Back' }).click();
  await expect(phone.getByLabel('User name')).toHaveValue('miareads');
  await expect(phone.getByLabel('Password')).toHaveValue(PASSWORD);
  await expect(phone.getByLabel('I have read')).toBeChecked();
  await phone.getByRole('button', { name: 'Create account' }).click();
  await heading(phone, 'What is your sex?');
  // Whoever has a second letter begins anew.
  await phone.goto(`${server.url}/LOCAL/patient`);
  await phone.getByText('Add another person').click();
  await phone.getByRole('button', { name: 'I have a code' }).click();
  await expect(phone.getByLabel('Code')).toHaveValue('');
  await context.close();
});

test('what an authority offers stands on the patient’s own page, where it is written', async ({ page, browser }) => {
  await atDesk(page);
  const { phone, context } = await enrolled(page, browser, 'Mia', 'Helped');
  await expect(phone.getByRole('heading', { name: 'Do you need help?' })).toBeVisible();
  await expect(phone.getByRole('region', { name: 'What we do for you' })).toHaveCount(0);
  await page.goto(`${server.url}/settings/texts`);
  await page.getByRole('link', { name: 'What you offer, English' }).click();
  await page.getByLabel('Text', { exact: true }).fill('- **Tests** every day\n- We *shop* for you');
  await expect(page.frameLocator('iframe[title="Preview"]').getByText('every day')).toBeVisible();
  await page.getByRole('button', { name: 'Put in force' }).click();
  await expect(page.getByText('Version 1 is in force.')).toBeVisible();
  await phone.reload();
  const offers = phone.getByRole('region', { name: 'What we do for you' });
  await expect(offers.getByRole('listitem')).toHaveText(['Tests every day', 'We shop for you']);
  await faults(phone, 'offers');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.url}/settings/texts`);
  await expect(page.getByRole('link', { name: 'What you offer, Turkish' })).toBeVisible();
  await context.close();
});
