import AxeBuilder from '@axe-core/playwright';
import { startServer } from './server.ts';
import { expect, signIn, test, USER } from './test.ts';

test('a killed server leaves the page readable, and the page comes back by itself', async ({ page }) => {
  const server = await startServer({ demo: true });
  await signIn(page, server.url, USER, server.password ?? '');
  await page.goto(`${server.url}/outbreak`);
  await expect(page.getByRole('heading', { name: 'Cases by onset' })).toBeVisible();
  await server.kill();
  await page.getByLabel('Classification').selectOption('confirmed');
  await expect(page.getByText(/As of .* Reconnecting\./).first()).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Cases by onset' })).toBeVisible();
  await server.restart();
  // Its sessions may have ended with it; either way the notice goes.
  await expect(page.getByText(/Reconnecting\./)).toHaveCount(0, { timeout: 60_000 });
  await server.end();
});

test('numbers that are behind say as of when they are, and catch up by themselves', async ({ page }) => {
  const server = await startServer({ demo: true });
  await signIn(page, server.url, USER, server.password ?? '');
  const asOf = new Date(Date.now() - 40_000);
  let isBehind = true;
  await page.route('**/api/v1/reports/dashboard', async (route) => {
    const response = await route.fetch();
    const headers = response.headers();
    await route.fulfill({
      response,
      headers: isBehind ? { ...headers, 'epitrace-as-of': asOf.toISOString() } : headers,
    });
  });
  for (const width of [1280, 390]) {
    isBehind = true;
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`${server.url}/reports`);
    const line = page.getByText(/As of .* Newer entries are safe/);
    await expect(line).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Today' })).toBeVisible();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    isBehind = false;
    await expect(line).toHaveCount(0);
  }
  await server.end();
});
