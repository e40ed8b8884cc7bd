// Two records of one person: proposed while typing and on the case, compared, merged, and parted again.

import type { Page } from '@playwright/test';
import { openAccount } from './account.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';
import { ask, openCase } from './work.ts';

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

const personOf = async (page: Page, caseId: string) =>
  (await ask<{ person_id: string }>(page, 'GET', `/cases/${caseId}`)).person_id;

/** Two cases of one person whose name was heard in two ways. */
async function twice(page: Page, last: string, phone: string): Promise<[string, string]> {
  const one = await openCase(page, { first_name: 'Anna', last_name: last, mobile: phone, reported: yesterday() });
  const two = await openCase(page, { first_name: 'Ana', last_name: last, mobile: phone, email: 'ana@example.org' });
  return [one, two];
}
const yesterday = () => new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);

test('whoever is typed and known already is proposed, and the case becomes theirs', async ({ page }) => {
  const known = await openCase(page, { first_name: 'Berta', last_name: 'Yilmaz', mobile: '0170 5550001' });
  const today = new Date().toISOString().slice(0, 10);
  await ask(page, 'POST', `/cases/${known}/status`, { status: 'concluded', conclusion: 'recovered', text: null });
  await page.goto(`${server.url}/cases/new`);
  await page.getByLabel('First name').fill('Berta');
  await page.getByLabel('Last name').fill('Yılmaz');
  await page.getByLabel('Date of birth').fill('1982-05-17');
  const alike = page.getByRole('complementary', { name: 'People who look like this one' });
  await expect(alike).toContainText('Berta Yilmaz');
  await expect(alike).toContainText('same birth date');
  expect(page.url()).toBe(`${server.url}/cases/new`);
  await alike.getByRole('button', { name: 'Use this person Berta Yilmaz' }).click();
  await expect(page.getByText('A case of Berta Yilmaz, who is known already.')).toBeVisible();
  await page.getByLabel('Positive test').fill(today);
  await page.getByRole('button', { name: 'Save the case' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Case Berta Yilmaz' })).toBeVisible();
  const caseId = page.url().split('/').at(-1) as string;
  expect(await personOf(page, caseId)).toBe(await personOf(page, known));
});

test('compared, merged with the keyboard, undone within ten seconds: two again', async ({ page }) => {
  const [one, two] = await twice(page, 'Kowalczyk', '0170 5550002');
  const [kept, other] = [await personOf(page, one), await personOf(page, two)];
  await page.goto(`${server.url}/cases/${one}`);
  const notice = page.getByRole('region', { name: 'May be the same person as' });
  await expect(notice).toContainText('same telephone');
  await notice.getByRole('link', { name: 'Compare Ana Kowalczyk' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Compare and merge' })).toBeFocused();
  const first = page.getByRole('radiogroup', { name: 'First name' });
  await expect(first.getByRole('radio', { name: 'Anna Kowalczyk (stays) Anna' })).toBeChecked();
  await first.getByRole('radio').first().focus();
  await page.keyboard.press('ArrowRight');
  await expect(first.getByRole('radio', { name: 'Ana Kowalczyk (is merged into it) Ana' })).toBeChecked();
  const happens = page.getByRole('region', { name: 'What will happen' });
  await expect(happens).toContainText('1 case');
  await expect(happens).toContainText('once index, always index');
  await page.getByRole('button', { name: 'Merge the two' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Merged: they are one person now.' })).toBeVisible();
  expect(await personOf(page, two)).toBe(kept);
  await page.keyboard.press('z');
  await expect(page.getByRole('heading', { name: 'Undone: they are two people again.' })).toBeVisible();
  expect(await personOf(page, two)).toBe(other);
});

test('merged, and undone later in the history; what was added since stays and is listed', async ({ page }) => {
  const [one, two] = await twice(page, 'Papadopoulos', '0170 5550003');
  const [kept, other] = [await personOf(page, one), await personOf(page, two)];
  await page.goto(`${server.url}/persons/${kept}/merge/${other}`);
  await page.getByRole('button', { name: 'Merge the two' }).click();
  await page.getByRole('link', { name: 'Open the case' }).click();
  await expect(page).toHaveURL(new RegExp(`/cases/${one}`));
  await ask(page, 'POST', `/cases/${one}/comments`, { comment_id: crypto.randomUUID(), text: 'added since' });
  await page.goto(`${server.url}/cases/${two}?tab=history`);
  await expect(page.getByText('merged another record of the same person into this one')).toBeVisible();
  const merges = page.getByRole('region', { name: 'Merged into this person' });
  await merges.getByRole('button', { name: /^Undo \(until/ }).click();
  await expect(merges).toContainText('Undone: they are two people again.');
  await expect(merges).toContainText('1 comment');
  expect(await personOf(page, two)).toBe(other);
});

test('not the same: it is remembered, and can be taken back', async ({ page }) => {
  const [one] = await twice(page, 'Andersson', '0170 5550004');
  await page.goto(`${server.url}/cases/${one}`);
  const notice = page.getByRole('region', { name: 'May be the same person as' });
  await notice.getByRole('button', { name: 'Not the same Ana Andersson' }).click();
  await expect(notice).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: /^Case/ })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Parts of the case' })).toBeVisible();
  await expect(notice).toHaveCount(0);
});

for (const width of [1280, 390]) {
  test(`the comparison fits ${width} pixels, and who came is listed`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    const [one, two] = await twice(page, `Nowak-${width === 390 ? 'Klein' : 'Gross'}`, `0170 555${width}`);
    const [kept, other] = [await personOf(page, one), await personOf(page, two)];
    await page.goto(`${server.url}/persons/${kept}/merge/${other}`);
    await expect(page.getByRole('button', { name: 'Merge the two' })).toBeVisible();
    const overflows = () => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(await overflows()).toBe(false);
    const [from, until] = [Date.now() - 3_600_000, Date.now() + 60_000].map((at) => new Date(at).toISOString());
    await page.goto(`${server.url}/duplicates?from=${from}&until=${until}`);
    await expect(page.getByRole('heading', { level: 1, name: 'Possible duplicates' })).toBeVisible();
    await expect(page.getByRole('main')).toContainText('Ana Nowak');
    expect(await overflows()).toBe(false);
  });
}
