// No fault that a machine can find, and nothing that scrolls sideways; also where a frame shows what somebody wrote.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import { expect } from './test.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Axe = {
  run: (on: Document, options: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
};

/** Looks at the page itself: no script can look into such a frame, that of the test neither. */
export async function expectSound(page: Page, what: string) {
  await expect(page.getByText('Loading')).toHaveCount(0);
  await page.evaluate(AXE);
  const faults = await page.evaluate(async (runOnly) => {
    const { axe } = window as unknown as { axe: Axe };
    const found = await axe.run(document, { runOnly, iframes: false });
    return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`);
  }, RULES);
  expect(faults, what).toEqual([]);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(sideways, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
}
