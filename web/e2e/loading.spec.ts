// While an answer is awaited: nothing for 200 ms, then the outline of what comes, told to screen readers too.

import type { Page, Route } from '@playwright/test';
import { expect, test } from './test.ts';

const READS = [
  { place: 'Worklist', reads: /\/api\/v1\/worklist(\?.*)?$/, what: 'the worklist' },
  { place: 'Cases', reads: /\/api\/v1\/cases(\?.*)?$/, what: 'the case list' },
  { place: 'Outbreak', reads: /\/api\/v1\/reports\/outbreak(\?.*)?$/, what: 'the outbreak report' },
  { place: 'Reports', reads: /\/api\/v1\/reports\/timeliness(\?.*)?$/, what: 'the report' },
  { place: 'Import', reads: /\/api\/v1\/imports$/, what: 'Earlier imports' },
  { place: 'Audit log', reads: /\/api\/v1\/audit(\?.*)?$/, what: 'the audit log' },
  { place: 'Accounts', reads: /\/api\/v1\/accounts$/, what: 'Accounts' },
];

/** Holds the answers of an address back. Returns what lets them go. */
async function hold(page: Page, reads: RegExp): Promise<() => void> {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route(reads, async (route: Route) => {
    await held;
    await route.continue();
  });
  return letGo;
}

/** Stops the page's clock before a view is opened, so that not one of its 200 ms goes by itself. */
async function stopClock(page: Page) {
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000));
}

async function expectSkeletonAfter200Ms(page: Page, what: string, letGo: () => void) {
  const skeleton = page.locator('.sk');
  const told = page.getByRole('status').getByText(`Loading ${what}`);
  await page.clock.runFor(199);
  await expect(skeleton).toHaveCount(0);
  await expect(told).toHaveCount(0);
  await page.clock.runFor(1);
  await expect(told).toHaveCount(1);
  await expect(skeleton.first()).toBeVisible();
  letGo();
  await expect(told).toHaveCount(0);
}

for (const { place, reads, what } of READS) {
  test(`${what}: an answer that takes longer than 200 ms has a skeleton`, async ({ desk, demo }) => {
    await desk.clock.install();
    const letGo = await hold(desk, reads);
    await desk.goto(`${demo.url}/settings`);
    await expect(desk.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
    await stopClock(desk);
    const asked = desk.waitForRequest(reads);
    await desk
      .getByRole('navigation', { name: 'Main' })
      .getByRole('link', { name: new RegExp(`^${place}`) })
      .click();
    await asked;
    await expectSkeletonAfter200Ms(desk, what, letGo);
  });
}

test('the case: an answer that takes longer than 200 ms has a skeleton', async ({ desk, demo }) => {
  const reads = /\/api\/v1\/cases\/[0-9a-f-]{36}$/;
  await desk.clock.install();
  const letGo = await hold(desk, reads);
  await desk.goto(`${demo.url}/cases`);
  const first = desk.getByRole('grid', { name: 'Cases' }).getByRole('link').first();
  await expect(first).toBeVisible();
  await stopClock(desk);
  const asked = desk.waitForRequest(reads);
  await first.click();
  await asked;
  await expectSkeletonAfter200Ms(desk, 'the case', letGo);
  await expect(desk.getByRole('heading', { level: 1, name: /^Case/ })).toBeVisible();
});
