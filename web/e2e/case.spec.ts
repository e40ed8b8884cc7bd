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

test('contacts stand on the days of the line list, and those outside the infectious days ask to be checked', async ({
  desk,
  demo,
}) => {
  await desk.goto(`${demo.url}/cases`);
  await desk.getByRole('combobox', { name: 'Name or reference' }).fill('SK_14');
  await desk.getByRole('option', { name: /^SK_14 / }).click();
  const ruler = desk.getByRole('group', { name: /^Day ruler of case SK_14/ });
  const disc = ruler.getByRole('button', { name: /^Wed 27 May.* 27 people were exposed: emergency room\./ });
  await expect(disc).toHaveText(/^27/);
  await expect(disc).toHaveAccessibleName(/Days of exposure by the line list\.$/);
  await expect(ruler.getByRole('button', { name: /^Fri 5 June.* SK_133 .*: check\.$/ })).toBeVisible();
  await desk.getByText(/^The same as a table/).click();
  await expect(desk.getByRole('row', { name: /emergency room 30 people, 47 person-days/ })).toBeVisible();
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

test('where names are locked, a case and a person say so', async ({ desk, demo }) => {
  await desk.route(/\/api\/v1\/(cases|persons)\/[0-9a-f-]+$/, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), names_locked: true } });
  });
  await desk.goto(`${demo.url}/cases`);
  await desk.getByRole('combobox', { name: 'Name or reference' }).fill('SK_14');
  const read = desk.waitForResponse(/\/api\/v1\/cases\/[0-9a-f-]+$/);
  await desk.getByRole('option', { name: /^SK_14 / }).click();
  const { person_id } = await (await read).json();
  await expect(desk.getByText(/^Names are locked/)).toBeVisible();
  await desk.goto(`${demo.url}/persons/${person_id}`);
  await expect(desk.getByText(/^Names are locked/)).toBeVisible();
});
