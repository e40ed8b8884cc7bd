import { expect, test } from './test.ts';

test('"/", three letters and Enter open the case of the best match', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/outbreak`);
  await expect(desk.getByRole('heading', { name: 'Outbreak' })).toBeVisible();
  await desk.keyboard.press('/');
  await desk.keyboard.type('SK_');
  await desk.keyboard.press('Enter');
  await expect(desk.getByRole('heading', { level: 1, name: /^Case SK_/ })).toBeVisible();
});

test('j and k move, x selects, Enter opens, Esc comes back to the same row', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/cases`);
  const list = desk.getByRole('grid', { name: 'Cases' });
  // A row is there before the case in it is read, and only a case can be selected.
  await expect(list.getByRole('link').nth(3)).toBeVisible();
  await desk.keyboard.press('j');
  await desk.keyboard.press('j');
  await desk.keyboard.press('k');
  await desk.keyboard.press('x');
  await expect(desk.getByText('1 case selected')).toBeVisible();
  const name = await list.locator('.current a').innerText();
  await desk.keyboard.press('Enter');
  await expect(desk.getByRole('heading', { level: 1 })).toContainText(name);
  await desk.keyboard.press('Escape');
  await expect(list.locator('.current a')).toHaveText(name);
});

test('n goes to the next case of the list', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/cases`);
  const links = desk.getByRole('grid', { name: 'Cases' }).getByRole('link');
  await expect(links.nth(1)).toBeVisible();
  const second = await links.nth(1).innerText();
  await links.first().click();
  await expect(desk.getByRole('heading', { level: 1, name: /^Case/ })).toBeVisible();
  await desk.keyboard.press('n');
  await expect(desk.getByRole('heading', { level: 1 })).toContainText(second);
});

test('every action is found by its name, and the keys are shown by "?"', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/cases`);
  await expect(desk.getByRole('heading', { level: 1, name: 'Cases' })).toBeVisible();
  await desk.keyboard.press('Control+k');
  await desk.getByRole('combobox', { name: 'All actions' }).fill('open out');
  await desk.keyboard.press('Enter');
  await expect(desk.getByRole('heading', { level: 1, name: 'Outbreak' })).toBeFocused();
  await desk.keyboard.press('?');
  await expect(desk.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await desk.keyboard.press('Escape');
  await expect(desk.getByRole('dialog')).toHaveCount(0);
});

test('the ruler is one stop, and arrows go from mark to mark', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/cases`);
  await desk.getByRole('combobox', { name: 'Name or reference' }).fill('SK_14');
  await desk.getByRole('option', { name: /^SK_14 / }).click();
  const ruler = desk.getByRole('group', { name: /^Day ruler of case SK_14/ });
  await ruler.getByRole('button').first().focus();
  const first = await desk.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  await desk.keyboard.press('End');
  const last = await desk.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  expect(last).not.toBe(first);
  await desk.keyboard.press('Home');
  expect(await desk.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(first);
  expect(await ruler.locator('[tabindex="0"]').count()).toBe(1);
});
