// Pictures of pages: for the book, if EPITRACE_SCREENS=1; else they are left beside the results of the tests.

import { join } from 'node:path';
import type { Page } from '@playwright/test';

const FOLDER = join(
  import.meta.dirname,
  process.env.EPITRACE_SCREENS === '1' ? '../../docs/screens' : '../test-results/screens',
);

/** Takes the whole page, or what is in sight of it. */
export async function picture(page: Page, name: string, fullPage = true) {
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage });
}
