// One person with two records and two accounts: staff choose which account acts, the other is told why not, and it comes
// back when the merge is undone.

import { enrolled, faults, heading, PASSWORD, prepareOffice } from './patients.ts';
import { type Server, startServer } from './server.ts';
import { expectSound } from './sound.ts';
import { type Cookies, expect, test } from './test.ts';
import { ask } from './work.ts';

let server: Server;
let cookies: Cookies;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  cookies = await prepareOffice(browser, server);
});
test.afterAll(() => server.end());

test('the account that is not chosen is told why, until the two are parted', async ({ page, browser }) => {
  await page.context().addCookies(cookies);
  await page.goto(`${server.url}/settings`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const mia = await enrolled(page, browser, 'Mia', 'Twice');
  const second = await enrolled(page, browser, 'Miah', 'Twice');
  const personOf = async (caseId: string) =>
    (await ask<{ person_id: string }>(page, 'GET', `/cases/${caseId}`)).person_id;
  const [kept, other] = [await personOf(mia.caseId), await personOf(second.caseId)];
  await page.goto(`${server.url}/persons/${kept}/merge/${other}`);
  const accounts = page.getByRole('group', { name: 'Account' });
  await expect(accounts.getByRole('radio', { name: 'miatwice' })).toBeChecked();
  await accounts.getByRole('radio', { name: 'miahtwice' }).check();
  await expect(accounts).toContainText('of Miah Twice, opened');
  await expectSound(page, 'which account acts');
  await page.setViewportSize({ width: 390, height: 844 });
  await expectSound(page, 'which account acts, on a telephone');
  await page.setViewportSize({ width: 1280, height: 832 });
  await page.getByRole('button', { name: 'Merge the two' }).click();
  await expect(page.getByRole('region', { name: 'Result' })).toBeVisible();

  await mia.phone.reload();
  await heading(mia.phone, 'Sign in');
  const signIn = async () => {
    await mia.phone.getByLabel('User name').fill('miatwice');
    await mia.phone.getByLabel('Password').fill(PASSWORD);
    await mia.phone.getByRole('button', { name: 'Sign in' }).click();
  };
  await signIn();
  await expect(mia.phone.getByRole('alert')).toContainText('You have two accounts, and now the other one is used.');
  await faults(mia.phone, 'another account is used');
  await second.phone.reload();
  await heading(second.phone, /^Hello/);

  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('heading', { name: 'Undone: they are two people again.' })).toBeVisible();
  await signIn();
  await heading(mia.phone, 'Hello Mia');
  await mia.context.close();
  await second.context.close();
});
