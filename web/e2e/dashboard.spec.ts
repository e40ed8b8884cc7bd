// Today in numbers, above the reports.

import AxeBuilder from '@axe-core/playwright';
import { openAccount } from './account.ts';
import { startServer } from './server.ts';
import { expect, test } from './test.ts';
import { openCase } from './work.ts';

for (const width of [1280, 390]) {
  test(`what is at work, waits and is new stands above the reports, at ${width}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    const server = await startServer();
    await openAccount(page, server);
    await openCase(page, { last_name: 'Adler', mobile: '030 23125 000' });
    await openCase(page, { last_name: 'Bauer', mobile: '030 23125 001' }, 'contact');
    await page.goto(`${server.url}/reports`);
    const today = page.getByRole('region', { name: 'Today' });
    await expect(today.getByText('1 case of index persons, 1 of contacts')).toBeVisible();
    await expect(today.getByRole('link', { name: '2', exact: true })).toBeVisible();
    await expect(today.getByRole('table').first().getByRole('row')).toHaveCount(15);
    await expect(today.getByRole('row').filter({ hasText: 'open' })).toHaveText(/open\s*1\s*1/);
    const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
    expect(found.violations).toEqual([]);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(sideways).toBeLessThanOrEqual(0);
    await server.end();
  });
}
