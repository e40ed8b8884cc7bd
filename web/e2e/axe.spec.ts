import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './test.ts';

const VIEWS = ['/cases', '/outbreak', '/import', '/audit', '/accounts', '/settings', '/settings/rules'];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];

for (const theme of ['light', 'dark'] as const) {
  test(`no view has a fault that a machine can find, ${theme}`, async ({ desk, demo }) => {
    await desk.emulateMedia({ colorScheme: theme });
    for (const view of VIEWS) {
      await desk.goto(demo.url + view);
      await expect(desk.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(desk.getByText('Loading')).toHaveCount(0);
      const found = await new AxeBuilder({ page: desk }).withTags(RULES).analyze();
      expect(found.violations, view).toEqual([]);
      const sideways = await desk.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(sideways, `${view} scrolls sideways`).toBeLessThanOrEqual(0);
    }
  });
}

test('a case with an opened score has no fault either', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/cases`);
  await desk.getByRole('combobox', { name: 'Name or reference' }).fill('SK_14');
  await desk.getByRole('option', { name: /^SK_14 / }).click();
  await desk
    .getByRole('button', { name: /^How the score of/ })
    .first()
    .click();
  const found = await new AxeBuilder({ page: desk }).withTags(RULES).analyze();
  expect(found.violations).toEqual([]);
  const sideways = await desk.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(sideways).toBeLessThanOrEqual(0);
});

test('the way in has no fault', async ({ page, demo }) => {
  await page.goto(demo.url);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  const found = await new AxeBuilder({ page }).withTags(RULES).analyze();
  expect(found.violations).toEqual([]);
});
