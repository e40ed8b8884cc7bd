// The questions that everybody is asked once, in the order of a conversation.

import { openAccount } from './account.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';
import { openCase } from './work.ts';

let server: Server;
let cookies: Cookies;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  const page = await browser.newPage({ locale: 'en-GB' });
  await openAccount(page, server);
  cookies = await page.context().cookies();
  await page.close();
});
test.afterAll(() => server.end());
test.beforeEach(async ({ context, page }) => {
  await context.addCookies(cookies);
  await page.goto(`${server.url}/settings`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

const daysAgo = (n: number) => new Date(Date.now() - n * 86_400_000).toISOString().slice(0, 10);

for (const width of [1280, 390]) {
  test(`asked on the telephone, at ${width} pixels: kept, corrected, and a no clears`, async ({ page }) => {
    await page.setViewportSize({ width, height: 844 });
    const caseId = await openCase(page, { last_name: 'Fragt', tested: daysAgo(2) });
    await page.goto(`${server.url}/cases/${caseId}?tab=questions`);
    const form = page.getByRole('form', { name: 'Questions' });
    const symptoms = form.getByRole('group', { name: 'Do they have symptoms, or had some?' });
    await symptoms.getByRole('radio', { name: 'yes' }).check();
    await form.getByLabel('First day with symptoms').fill(daysAgo(4));
    await form
      .getByRole('checkbox', { name: /^Cough/ })
      .first()
      .check();
    await form.getByLabel('Where do they think they were infected?').fill('choir');
    await form.getByLabel('On which day?').fill(daysAgo(3));
    const staff = form.getByRole('group', { name: 'Do they work in health care?' });
    await staff.getByRole('radio', { name: 'yes' }).check();
    await staff.getByLabel('Where, and with whom?').fill('ward 3');
    await form.getByRole('button', { name: 'Save the answers' }).click();
    await expect(form.getByLabel('On which day?')).toBeFocused();
    await expect(form.getByLabel('On which day?')).toHaveAccessibleDescription(/after the first day with symptoms/);
    await form.getByLabel('On which day?').fill(daysAgo(6));
    await form.getByRole('button', { name: 'Save the answers' }).press('Enter');
    await expect(form.getByRole('status')).toHaveText('Saved');
    await page.reload();
    await expect(staff.getByLabel('Where, and with whom?')).toHaveValue('ward 3');
    await expect(form.getByRole('checkbox', { name: /^Cough/ }).first()).toBeChecked();
    await symptoms.getByRole('radio', { name: 'no', exact: true }).check();
    await expect(form.getByLabel('First day with symptoms')).toHaveCount(0);
    await form.getByRole('button', { name: 'Save the answers' }).click();
    await expect(form.getByRole('status')).toHaveText('Saved');
    await page.reload();
    await expect(symptoms.getByRole('radio', { name: 'no', exact: true })).toBeChecked();
  });
}

test('that they met nobody is said with one press, and taken back', async ({ page }) => {
  const caseId = await openCase(page, { last_name: 'Einsam', onset: daysAgo(3), tested: daysAgo(2) });
  await page.goto(`${server.url}/cases/${caseId}?tab=contacts`);
  const part = page.getByRole('region', { name: 'Contacts they named' });
  await part.getByRole('button', { name: 'They met nobody' }).click();
  await expect(part).toContainText('They say that they met nobody in the infectious days.');
  await expect(page.getByText('noted that they met nobody in the infectious days.')).toBeVisible();
  await part.getByRole('button', { name: 'Take this back' }).click();
  await expect(part.getByRole('button', { name: 'They met nobody' })).toBeVisible();
});
