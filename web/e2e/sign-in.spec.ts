import { openAccount, PASSWORD } from './account.ts';
import { startServer } from './server.ts';
import { expect, signIn, test, USER } from './test.ts';
import { totp } from './totp.ts';

test('the demo fills itself in, and a wrong password is never told apart', async ({ page, demo }) => {
  await page.goto(demo.url);
  await page.getByLabel('User name').fill(USER);
  await page.getByLabel('Password').fill('something else');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toHaveText('Name, password or code is wrong.');
  await page.getByRole('button', { name: 'Fill in for me' }).click();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Worklist' })).toBeVisible();
});

test('a session that ends comes back to the same view', async ({ desk, demo, context }) => {
  await desk.goto(`${demo.url}/outbreak?curve=report`);
  await expect(desk.getByRole('heading', { name: 'Cases by report' })).toBeVisible();
  await context.clearCookies();
  await desk.getByRole('button', { name: 'by onset' }).first().click();
  await desk.getByLabel('Classification').selectOption('confirmed');
  await expect(desk.getByText('Your session has ended.')).toBeVisible();
  await desk.getByLabel('User name').fill(USER);
  await desk.getByLabel('Password').fill(demo.password);
  await desk.getByRole('button', { name: 'Sign in' }).click();
  await expect(desk).toHaveURL(/classification=confirmed/);
  await expect(desk.getByRole('heading', { name: 'Cases by onset' })).toBeVisible();
});

test('the first administrator signs in with a second factor', async ({ page }) => {
  const server = await startServer();
  const { secret, userName } = await openAccount(page, server);
  // On a phone, signing out stands in the menu.
  const menu = page.getByRole('button', { name: 'Menu', exact: true });
  if (await menu.isVisible()) await menu.click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  // A code works once: wait for the next one by asking for it, half a minute ahead.
  await signIn(page, server.url, userName, PASSWORD, totp(secret, Date.now() + 30_000));
  await server.end();
});
