// What every test starts with: a demo server, and somebody signed in to it.

import { test as base, expect, type Page } from '@playwright/test';
import { type Server, startServer } from './server.ts';

export const USER = process.env.EPITRACE_USER ?? 'demo';

type Fixtures = {
  /** A page on which the demo's account is signed in. */
  desk: Page;
};
type Shared = { demo: { url: string; password: string; server: Server | null } };

export const test = base.extend<Fixtures, Shared>({
  demo: [
    // biome-ignore lint/correctness/noEmptyPattern: fixtures name what they need, and this one needs nothing.
    async ({}, use) => {
      const running = process.env.EPITRACE_URL;
      if (running && !process.env.EPITRACE_BIN) {
        await use({ url: running, password: process.env.EPITRACE_PASSWORD ?? '', server: null });
        return;
      }
      const server = await startServer({ demo: true });
      await use({ url: server.url, password: server.password ?? '', server });
      await server.end();
    },
    { scope: 'worker' },
  ],
  desk: async ({ page, demo }, use) => {
    await signIn(page, demo.url, USER, demo.password);
    await use(page);
  },
});

/** Signs in through the page. */
export async function signIn(page: Page, url: string, user: string, password: string, code = '') {
  await page.goto(`${url}/`);
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password').fill(password);
  if (code) await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeAttached();
}

export { expect };
