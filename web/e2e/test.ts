// What every test starts with: a demo server, and somebody signed in to it.

import { type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import { startServer } from './server.ts';

export const USER = process.env.EPITRACE_USER ?? 'demo';

type Fixtures = {
  /** A page on which the demo's account is signed in. */
  desk: Page;
};
export type Cookies = Awaited<ReturnType<BrowserContext['cookies']>>;
type Shared = {
  demo: { url: string; password: string };
  /** The cookies of one sign-in, which all tests share: a server lets nobody sign in many times a minute. */
  session: { cookies: Cookies };
};

export const test = base.extend<Fixtures, Shared>({
  demo: [
    // biome-ignore lint/correctness/noEmptyPattern: fixtures name what they need, and this one needs nothing.
    async ({}, use) => {
      const running = process.env.EPITRACE_URL;
      if (running && !process.env.EPITRACE_BIN) {
        await use({ url: running, password: process.env.EPITRACE_PASSWORD ?? '' });
        return;
      }
      const server = await startServer({ demo: true });
      await use({ url: server.url, password: server.password ?? '' });
      await server.end();
    },
    { scope: 'worker' },
  ],
  session: [
    async ({ browser, demo }, use) => {
      const context = await browser.newContext({ locale: 'en-GB' });
      await signIn(await context.newPage(), demo.url, USER, demo.password);
      const cookies = await context.cookies();
      await context.close();
      await use({ cookies });
    },
    { scope: 'worker' },
  ],
  desk: async ({ page, context, session }, use) => {
    await context.addCookies(session.cookies);
    await use(page);
    // A session gets a new secret now and then; the next test goes on with it.
    const names = new Set(session.cookies.map((cookie) => cookie.name));
    const kept = (await context.cookies()).filter((cookie) => names.has(cookie.name));
    if (kept.length === names.size) session.cookies = kept;
  },
});

/** Signs in through the page. */
export async function signIn(page: Page, url: string, user: string, password: string, code = '') {
  await page.goto(`${url}/`);
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password').fill(password);
  if (code) await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('combobox', { name: 'Name or reference' })).toBeVisible();
}

export { expect };
