import { openAccount } from './account.ts';
import { makeUpCases, startServer, temporaryFolder } from './server.ts';
import { expect, test } from './test.ts';

const N_CASES = 100_000;

test('among 100,000 cases three letters find somebody, and the list reaches its end', async ({ page }) => {
  test.setTimeout(600_000);
  const data = temporaryFolder();
  makeUpCases(data, N_CASES);
  const server = await startServer({ data });
  await openAccount(page, server);
  await page.goto(`${server.url}/cases`);
  const list = page.getByRole('grid', { name: 'Cases' });
  await expect(list.getByRole('link').first()).toBeVisible();
  await expect(list).toHaveAttribute('aria-rowcount', String(N_CASES + 1));
  await list.focus();
  await page.keyboard.press('End');
  const last = page.locator(`[aria-rowindex="${N_CASES + 1}"]`).getByRole('link');
  // A debug build is still making the names ready while it is asked for the last rows.
  await expect(last).toBeVisible({ timeout: 30_000 });

  const name = await last.innerText();
  await page.keyboard.press('/');
  await page.keyboard.type(name.slice(0, 3));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: /^Case/ })).toBeVisible({ timeout: 30_000 });
  await server.end();
});
