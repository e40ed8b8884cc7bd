import { openAccount } from './account.ts';
import { makeUpCases, startServer, temporaryFolder } from './server.ts';
import { expect, test } from './test.ts';

test('a name that is typed is in no address, title or store of the browser', async ({ page }) => {
  const data = temporaryFolder();
  makeUpCases(data, 300);
  const server = await startServer({ data });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await openAccount(page, server);
  await page.goto(`${server.url}/cases`);
  const list = page.getByRole('grid', { name: 'Cases' });
  const full = await list.getByRole('link').nth(4).innerText();
  const names = full.toLowerCase().split(' ');
  const seen: string[] = [];
  const look = async () => {
    seen.push(
      ...(await page.evaluate(() => [
        location.href,
        document.title,
        JSON.stringify(history.state ?? null),
        JSON.stringify(localStorage),
        JSON.stringify(sessionStorage),
        document.cookie,
      ])),
    );
  };

  // In the list
  await page.getByRole('searchbox', { name: 'Find in this list' }).fill(full);
  await expect(list.getByRole('link').first()).toHaveText(full);
  await look();
  await list.getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(full);
  await look();
  await page.goBack();
  await expect(page.getByRole('searchbox', { name: 'Find in this list' })).toHaveValue(full);
  await look();

  // In the search field, opened by Enter
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('/');
  await page.keyboard.type(full);
  await expect(page.getByRole('option', { name: full }).first()).toBeVisible();
  await look();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: /^Case/ })).toContainText(full);
  for (const tab of ['1', '3', '4']) await page.keyboard.press(tab);
  await look();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(full);
  await look();

  expect(asked.length).toBeGreaterThan(10);
  for (const text of [...asked, ...seen]) {
    const plain = decodeURIComponent(text.replaceAll('+', ' ')).toLowerCase();
    for (const name of names) expect(plain).not.toContain(name);
  }

  // Whoever signs in next on this computer finds nothing typed.
  await page.goto(`${server.url}/cases`);
  await page.getByRole('searchbox', { name: 'Find in this list' }).fill(full);
  await expect(list.getByRole('link').first()).toHaveText(full);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  expect(await page.content()).not.toContain(full);
  await server.end();
});
