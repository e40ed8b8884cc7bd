// Contacts that a case names on the phone: taken down one after the other, each with a case of their own.

import type { Page } from '@playwright/test';
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
const section = (page: Page) => page.getByRole('region', { name: 'Contacts they named' });

async function openContacts(page: Page, details: Record<string, string>): Promise<string> {
  const caseId = await openCase(page, details);
  await page.goto(`${server.url}/cases/${caseId}?tab=contacts`);
  await expect(section(page)).toContainText('Nobody was named yet.');
  return caseId;
}

test('with the keyboard alone: two contacts one after the other, the first with a case', async ({ page }) => {
  const caseId = await openContacts(page, { last_name: 'Nennt', onset: daysAgo(3), tested: daysAgo(2) });
  await page.keyboard.press('+');
  const form = page.getByRole('form', { name: 'Take down a contact' });
  await expect(form.getByLabel('First name')).toBeFocused();
  await page.keyboard.type('Grete');
  await page.keyboard.press('Tab');
  await page.keyboard.type("O'Neill");
  await page.keyboard.press('Tab');
  await page.keyboard.type('0170 7654321');
  await form.getByLabel('How they met').selectOption('household');
  await form.getByLabel('First day').fill(daysAgo(2));
  await form.getByLabel('Works in health care?').selectOption('yes');
  await page.keyboard.press('Enter');
  await expect(section(page)).toContainText("Grete O'Neill");
  // Enter is the first button: the form is empty for the next one, how and when they met stays.
  await expect(form.getByLabel('First name')).toBeFocused();
  await expect(form.getByLabel('First name')).toHaveValue('');
  await expect(form.getByLabel('How they met')).toHaveValue('household');
  await expect(form.getByLabel('Works in health care?')).toHaveValue('');
  await form.getByLabel('How to find them').fill('the woman at the till');
  await form.getByLabel('First day').fill(daysAgo(40));
  await form.getByRole('button', { name: 'Save and close' }).press('Enter');
  await expect(form).toBeHidden();
  await expect(page.getByRole('button', { name: 'Take down a contact' })).toBeFocused();
  const line = (name: string) => section(page).getByRole('listitem').filter({ hasText: name });
  await expect(line("O'Neill")).toContainText('same household');
  await expect(line("O'Neill")).toContainText('Case: open.');
  await expect(line("O'Neill").getByRole('link', { name: 'Call 0170 7654321' })).toHaveAttribute(
    'href',
    'tel:01707654321',
  );
  await expect(line('the woman at the till')).toContainText('No case: outside the infectious days.');
  // The contact's case says who named them, and that they work in health care.
  await line("O'Neill").getByRole('link', { name: "Grete O'Neill" }).click();
  await expect(page.getByRole('heading', { level: 1, name: "Case Grete O'Neill" })).toBeVisible();
  await expect(page.locator('header.strip')).toContainText('contact, health staff');
  await page.goto(`${page.url().split('?')[0]}?tab=sources`);
  const origins = page.getByRole('region', { name: 'Named as a contact' });
  await expect(origins).toContainText('by ? Nennt: same household');
  await origins.getByRole('link').click();
  await expect(page).toHaveURL(new RegExp(`/cases/${caseId}`));
});

test('what is wrong stands at its field, and nothing typed is lost', async ({ page }) => {
  await openContacts(page, { last_name: 'Fehler', onset: daysAgo(3), tested: daysAgo(2) });
  await page.getByRole('button', { name: 'Take down a contact' }).click();
  const form = page.getByRole('form', { name: 'Take down a contact' });
  await form.getByLabel('First name').fill('Peter');
  await form.getByRole('button', { name: 'Save and close' }).click();
  await expect(form.getByLabel('First day')).toHaveAttribute('aria-invalid', 'true');
  await form.getByLabel('First day').fill(daysAgo(2));
  await form.getByRole('button', { name: 'Save and close' }).click();
  await expect(form.getByLabel('How they met')).toBeFocused();
  await form.getByLabel('How they met').selectOption('same_room');
  await form.getByRole('button', { name: 'Save and close' }).click();
  await expect(form.getByLabel('How to find them')).toHaveAccessibleDescription(/say how to reach or find them/i);
  await expect(form.getByLabel('First name')).toHaveValue('Peter');
  // Escape closes, and the next time what was typed is there.
  await form.getByLabel('First name').press('Escape');
  await expect(form).toBeHidden();
  await page.getByRole('button', { name: 'Take down a contact' }).click();
  await expect(form.getByLabel('First name')).toHaveValue('Peter');
  await form.getByLabel('How to find them').fill('his trainer');
  await form.getByRole('button', { name: 'Save and close' }).click();
  await expect(section(page)).toContainText('Peter ?');
});

test('a meeting that is deleted keeps the case; days that move make a case', async ({ page }) => {
  const caseId = await openContacts(page, { last_name: 'Wandert', onset: daysAgo(3), tested: daysAgo(2) });
  await page.getByRole('button', { name: 'Take down a contact' }).click();
  const form = page.getByRole('form', { name: 'Take down a contact' });
  await form.getByLabel('Last name').fill('Früh');
  await form.getByLabel('First name').fill('Anna');
  await form.getByLabel('How they met').selectOption('care');
  await form.getByLabel('First day').fill(daysAgo(9));
  await form.getByRole('button', { name: 'Save and close' }).click();
  await expect(section(page)).toContainText('No case: outside the infectious days.');
  await page.goto(`${server.url}/cases/${caseId}?tab=details`);
  await page.getByLabel('Symptom onset').fill(daysAgo(9));
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await page.goto(`${server.url}/cases/${caseId}?tab=contacts`);
  await expect(section(page)).toContainText('Case: open.');
  await section(page).getByRole('button', { name: 'Delete the contact Anna Früh' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete the contact Anna Früh?' });
  await expect(dialog).toContainText('The case that was opened stays');
  await dialog.getByRole('button', { name: 'Delete the contact' }).click();
  await expect(section(page)).toContainText('Nobody was named yet.');
});
