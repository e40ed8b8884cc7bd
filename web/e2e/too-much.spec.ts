// More than can be drawn or sent: the view says how much it is and how to narrow it, and stays usable.

import { truncateSync, writeFileSync } from 'node:fs';
import { expect, test } from './test.ts';

test('more cases than are counted: the list says so, and still shows them', async ({ desk, demo }) => {
  await desk.route(/\/api\/v1\/cases\/count/, (route) => route.fulfill({ json: { count: 10_000, capped: true } }));
  await desk.goto(`${demo.url}/cases`);
  await expect(desk.getByText('more than 10,000 cases', { exact: true })).toBeVisible();
  await expect(desk.getByRole('grid', { name: 'Cases' }).getByRole('link').first()).toBeVisible();
});

test('more people exposed than are shown: the list names who is shown', async ({ desk, demo }) => {
  await desk.route(/\/api\/v1\/cases\/[0-9a-f-]+\/exposures/, async (route) => {
    const answer = await route.fetch();
    const all = await answer.json();
    await route.fulfill({ response: answer, json: { ...all, items: all.items.slice(0, 20), n_total: 12_000 } });
  });
  await desk.goto(`${demo.url}/cases`);
  await desk.getByRole('combobox', { name: 'Name or reference' }).fill('SK_14');
  await desk.getByRole('option', { name: /^SK_14 / }).click();
  await expect(desk.getByText('Too many to show all: these are the 20 most exposed.')).toBeVisible();
  await expect(desk.getByText(/^12,000 people;/)).toBeVisible();
  await desk.getByRole('combobox', { name: 'Setting' }).selectOption({ index: 1 });
  await expect(desk.getByRole('button', { name: /^How the score of/ }).first()).toBeVisible();
});

test('more cases than chains can be drawn of: a place narrows them down', async ({ desk, demo }) => {
  await desk.route(/\/api\/v1\/reports\/outbreak\/chains/, async (route) => {
    if (new URL(route.request().url()).searchParams.has('place')) return route.continue();
    const answer = await route.fetch();
    const all = await answer.json();
    const none = { too_many: true, n_cases: 12_000, nodes: [], links: [] };
    await route.fulfill({ response: answer, json: { ...all, ...none } });
  });
  await desk.goto(`${demo.url}/outbreak`);
  const chains = desk.getByRole('region', { name: 'Chains' });
  await expect(chains.getByText('12,000 cases: too many to draw their chains. The limit is 10,000.')).toBeVisible();
  await expect(chains.getByText('Choose a place or a period. Everything above counts all of them.')).toBeVisible();
  await expect(desk.getByRole('heading', { name: 'Cases by onset' })).toBeVisible();
  await chains.getByRole('button').first().click();
  await expect(desk).toHaveURL(/place=/);
  await expect(
    desk.getByRole('tree').or(desk.getByText('No infection links are known among these cases.')),
  ).toBeVisible();
});

test('a file that is too large is refused before it is sent, and what to do is said', async ({ desk, demo }) => {
  const file = test.info().outputPath('large.csv');
  writeFileSync(file, '');
  // Only its size is looked at: the file has a hole instead of 65 MB.
  truncateSync(file, 65 * 1024 * 1024);
  const sent: string[] = [];
  desk.on('request', (request) => sent.push(request.method()));
  await desk.goto(`${demo.url}/import`);
  await expect(desk.getByText('at most 67.1 MB')).toBeVisible();
  await desk.getByLabel('Choose a file').setInputFiles(file);
  await expect(desk.getByRole('alert')).toHaveText(
    /^The file has 68\.2 MB; 67\.1 MB is the most\. Compress it as \.gz, or split it\.$/,
  );
  expect(sent).not.toContain('POST');
});

test('a log that is longer than a page is read on', async ({ desk, demo }) => {
  await desk.route(/\/api\/v1\/audit(\?.*)?$/, async (route) => {
    const url = new URL(route.request().url());
    url.searchParams.set('limit', '1');
    await route.continue({ url: url.href });
  });
  await desk.goto(`${demo.url}/audit`);
  const rows = desk.getByRole('main').getByRole('table').getByRole('rowheader');
  await expect(rows).toHaveCount(1);
  await desk.getByRole('button', { name: 'Show earlier entries' }).click();
  await expect(rows).toHaveCount(2);
});
