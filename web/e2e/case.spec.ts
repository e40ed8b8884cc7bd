import { expect, test } from './test.ts';

test('SK_14 infected 38, each with the score built up piece by piece', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/cases`);
  await desk.getByRole('combobox', { name: 'Name or reference' }).fill('SK_14');
  await desk.getByRole('option', { name: /^SK_14 / }).click();
  await expect(desk.getByText(/38 people; 38 have become cases/)).toBeVisible();
  await desk.getByRole('button', { name: 'Show the other 30' }).click();
  await expect(desk.getByRole('button', { name: /^How the score of SK_/ })).toHaveCount(38);
  await desk
    .getByRole('button', { name: /^How the score of/ })
    .first()
    .click();
  await expect(desk.getByText(/minutes, weighted/)).toBeVisible();
  await expect(desk.getByText(/min × 0\.90 × 1\.00/).first()).toBeVisible();
});

test('the ruler says the same as its table', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/cases`);
  await desk.getByRole('combobox', { name: 'Name or reference' }).fill('SK_14');
  await desk.getByRole('option', { name: /^SK_14 / }).click();
  await expect(desk.getByRole('button', { name: /Onset\. Day 0/ })).toBeVisible();
  await desk.getByText(/^The same as a table/).click();
  await expect(desk.getByRole('row', { name: /17 May 2015 Onset Day 0/ })).toBeVisible();
});

test('the chain can be followed from case to case', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/cases`);
  await desk.getByRole('combobox', { name: 'Name or reference' }).fill('SK_14');
  await desk.getByRole('option', { name: /^SK_14 / }).click();
  await desk.getByRole('link', { name: 'Possible sources' }).click();
  await desk.getByRole('link', { name: 'SK_1', exact: true }).click();
  await expect(desk.getByRole('heading', { level: 1, name: /^Case SK_1\b/ })).toBeFocused();
  await expect(desk.getByText(/26 people/)).toBeVisible();
});

test('a case that is not there says so', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/cases/00000000-0000-4000-8000-000000000000`);
  await expect(desk.getByRole('heading', { name: /^Could not find/ })).toBeVisible();
});

test('the list finds a reference, and an export holds what was selected', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/cases`);
  await desk.getByRole('searchbox', { name: 'Find in this list' }).fill('SK_14');
  const list = desk.getByRole('grid', { name: 'Cases' });
  await expect(list.getByRole('link').first()).toHaveText(/^SK_14/);
  await desk.getByLabel('Select SK_14', { exact: true }).click();
  const saved = desk.waitForEvent('download');
  await desk.getByRole('button', { name: 'Save as CSV' }).click();
  expect((await saved).suggestedFilename()).toBe('cases.csv');
  await expect(desk.getByText('1 case saved, without names')).toBeVisible();
});
