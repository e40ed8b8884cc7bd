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
