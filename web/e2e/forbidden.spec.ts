// Whoever may not open a view is told so and whom to ask, also where they typed its address.

import type { Page } from '@playwright/test';
import { openAccount, openAccountOf } from './account.ts';
import { type Server, startServer } from './server.ts';
import { expect, test } from './test.ts';

const NO_CASE = '00000000-0000-4000-8000-000000000000';
const WORK = ['/worklist', '/cases/new'];
const ALL = [
  ...WORK,
  '/cases',
  `/cases/${NO_CASE}`,
  `/persons/${NO_CASE}`,
  '/outbreak',
  '/reports',
  '/import',
  `/import/${NO_CASE}`,
];
const VIEWS = [...ALL, '/audit', '/accounts', '/settings', '/settings/rules'];
/** What each role may open, as the rights table of the book has it. */
const ALLOWED = {
  case_worker: VIEWS.filter((view) => view !== '/audit' && view !== '/accounts'),
  analyst: ['/outbreak', '/reports', '/settings', '/settings/rules'],
  operator: ['/accounts', '/settings'],
};

let server: Server;

test.beforeAll(async () => {
  server = await startServer();
});
test.afterAll(() => server.end());

async function expectForbidden(page: Page) {
  await expect(page.getByRole('heading', { name: 'You may not open this' })).toBeVisible();
  await expect(page.getByText(/^Ask an administrator of .+ if you need it\.$/)).toBeVisible();
}

for (const [role, allowed] of Object.entries(ALLOWED)) {
  test(`a view that is not for the role ${role} says whom to ask`, async ({ page }) => {
    await openAccountOf(page, server, role, role);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    for (const view of VIEWS) {
      await page.goto(server.url + view);
      const refused = page.getByRole('heading', { name: 'You may not open this' });
      if (allowed.includes(view)) {
        await expect(page.getByRole('heading').first()).toBeVisible();
        await expect(refused, view).toHaveCount(0);
      } else {
        await expectForbidden(page);
      }
      const place = page.getByRole('navigation', { name: 'Main' }).locator(`a[href="${view}"]:not(.foot-link)`);
      const isPlace = !view.includes(NO_CASE) && view !== '/cases/new' && view !== '/settings/rules';
      await expect(place, view).toHaveCount(isPlace && allowed.includes(view) ? 1 : 0);
    }
    if (!allowed.includes('/accounts')) expect(asked).not.toContain('/api/v1/accounts');
    if (!allowed.includes('/cases')) expect(asked).not.toContain('/api/v1/cases');
  });
}

test('a right that ends while the page is open is told the same way', async ({ page, browser }) => {
  const admin = await browser.newPage({ locale: 'en-GB' });
  await openAccount(admin, server);
  await openAccountOf(page, server, 'second', 'administrator');
  // The page still believes in the right; the server no longer does.
  await page.route('**/api/v1/accounts', (route) =>
    route.fulfill({
      status: 403,
      contentType: 'application/problem+json',
      json: { type: '/problems/not-allowed', title: 'Your role may not do this', status: 403, request_id: 'r1' },
    }),
  );
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Accounts' }).click();
  await expectForbidden(page);
  await admin.close();
});
