import AxeBuilder from '@axe-core/playwright';
import { openAccount } from './account.ts';
import { startServer } from './server.ts';
import { expect, test } from './test.ts';
import { noteCall, openCase } from './work.ts';

const VIEWS = [
  '/worklist',
  '/cases',
  '/cases/new',
  '/outbreak',
  '/runs',
  '/reports',
  '/import',
  '/audit',
  '/accounts',
  '/settings',
  '/settings/rules',
  '/settings/status',
];
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

for (const theme of ['light', 'dark'] as const) {
  test(`the worklist and the work on a case have no fault, ${theme}`, async ({ page }) => {
    const server = await startServer();
    await openAccount(page, server);
    await page.emulateMedia({ colorScheme: theme });
    const id = await openCase(page, { last_name: 'Adler', mobile: '030 23125 000', born: null, onset: '2026-01-02' });
    await openCase(page, { last_name: 'Bauer', mobile: '030 23125 001' }, 'contact_vulnerable');
    await noteCall(page, id, 'not_reached');
    const check = async (what: string) => {
      const found = await new AxeBuilder({ page }).withTags(RULES).analyze();
      expect(found.violations, what).toEqual([]);
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(sideways, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
    };
    await page.goto(`${server.url}/worklist`);
    const row = page.getByRole('grid', { name: 'the worklist' }).getByRole('row').first();
    await expect(row).toBeVisible();
    await check('the list');
    await row.getByRole('link').first().click();
    const pane = page.getByRole('complementary', { name: 'The person' });
    await expect(pane.getByRole('region', { name: 'Last entries' })).toBeVisible();
    await pane.getByRole('button', { name: 'Call back …' }).click();
    await check('the person');
    await pane.getByRole('button', { name: 'Resolve: Initial call open' }).click();
    await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
    await check('undo');
    for (const tab of ['overview', 'diary', 'calls', 'items', 'details']) {
      await page.goto(`${server.url}/cases/${id}?tab=${tab}`);
      await expect(page.getByRole('button', { name: 'Change status' })).toBeVisible();
      await expect(page.getByText('Loading')).toHaveCount(0);
      if (tab === 'diary') await page.getByRole('button', { name: 'Symptoms, contacts, note …' }).click();
      await check(tab);
    }
    for (const name of ['Note a call', 'Change status', 'Positive test']) {
      await page.getByRole('button', { name, exact: true }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
      await check(name);
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toHaveCount(0);
    }
    await page.goto(`${server.url}/cases/new`);
    await page.getByRole('button', { name: 'Save the case' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    await check('a case with faults');
    await server.end();
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
