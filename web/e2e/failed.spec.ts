// A view that can't be read says what happened and that nothing is lost, and "Try again" reads it.

import type { Page } from '@playwright/test';
import { openAccount } from './account.ts';
import { expectFocusInSight } from './focus.ts';
import { startServer } from './server.ts';
import { expect, test } from './test.ts';

const PROBLEM = {
  type: '/problems/internal',
  title: 'Something went wrong here',
  status: 500,
  detail: null,
  hint: 'try again; if it stays, give an operator the number of this request',
  request_id: 'f00dfeed',
  errors: [],
};

type Reader = {
  view: string;
  /** What is asked of the server for it. */
  reads: RegExp;
  /** How the page calls it. */
  what: string;
  /** What stands there once it is read. */
  shows: (page: Page) => ReturnType<Page['getByText']>;
};

const READERS: Reader[] = [
  {
    view: '/worklist',
    reads: /\/api\/v1\/worklist(\?.*)?$/,
    what: 'the worklist',
    shows: (page) => page.getByRole('grid', { name: 'the worklist' }).getByRole('row').nth(1),
  },
  {
    view: '/cases',
    reads: /\/api\/v1\/cases(\?.*)?$/,
    what: 'the case list',
    shows: (page) => page.getByRole('grid', { name: 'Cases' }).getByRole('link').first(),
  },
  {
    view: '/outbreak',
    reads: /\/api\/v1\/reports\/outbreak(\?.*)?$/,
    what: 'the outbreak report',
    shows: (page) => page.getByRole('heading', { name: 'Cases by onset' }),
  },
  {
    view: '/outbreak',
    reads: /\/api\/v1\/reports\/outbreak\/chains(\?.*)?$/,
    what: 'Chains',
    shows: (page) => page.getByRole('tree'),
  },
  {
    view: '/import',
    reads: /\/api\/v1\/imports$/,
    what: 'Earlier imports',
    shows: (page) => {
      const earlier = page.getByRole('region', { name: 'Earlier imports' });
      return earlier.getByText(/^None yet/).or(earlier.getByRole('table'));
    },
  },
  {
    view: '/audit',
    reads: /\/api\/v1\/audit(\?.*)?$/,
    what: 'the audit log',
    shows: (page) => page.getByRole('columnheader', { name: 'About whom' }),
  },
  {
    view: '/accounts',
    reads: /\/api\/v1\/accounts$/,
    what: 'Accounts',
    shows: (page) => page.getByRole('columnheader', { name: 'Last seen' }),
  },
  {
    view: '/settings',
    reads: /\/api\/v1\/tokens$/,
    what: 'Tokens for programs',
    shows: (page) => page.getByRole('region', { name: 'Tokens for programs' }).getByText('None yet.'),
  },
];

const failure = (page: Page, what: string) =>
  page.getByRole('alert').filter({ has: page.getByRole('heading', { name: `Could not load ${what}` }) });

async function tryAgain(page: Page, what: string) {
  const button = failure(page, what).getByRole('button', { name: 'Try again' });
  await button.focus();
  await page.keyboard.press('Enter');
}

/** The button is gone, but what had the focus on it did not lose it. */
async function expectFocusKept(page: Page, what: string) {
  await expect(failure(page, what)).toHaveCount(0);
  await expectFocusInSight(page);
}

for (const { view, reads, what, shows } of READERS) {
  test(`${what}: a mistake of the server is told with its number, and trying again reads it`, async ({
    desk,
    demo,
  }) => {
    await desk.route(reads, (route) =>
      route.fulfill({ status: 500, contentType: 'application/problem+json', json: PROBLEM }),
    );
    await desk.goto(demo.url + view);
    const told = failure(desk, what);
    await expect(told.getByText('The server has made a mistake. It is noted in its log.')).toBeVisible();
    await expect(told.getByText('Nothing you did is lost.')).toBeVisible();
    await expect(told.getByText('For the operator: f00dfeed')).toBeVisible();
    // Nothing has changed yet: the same is said again, once the mistake has come back.
    const mistake = desk.waitForResponse(reads);
    await tryAgain(desk, what);
    await mistake;
    await expect(told).toBeVisible();
    await desk.unroute(reads);
    await tryAgain(desk, what);
    await expect(shows(desk)).toBeVisible();
    await expectFocusKept(desk, what);
  });

  test(`${what}: without a connection it says so, and trying again reads it`, async ({ desk, demo }) => {
    await desk.route(reads, (route) => route.abort('connectionrefused'));
    await desk.goto(demo.url + view);
    const told = failure(desk, what);
    await expect(told.getByText('There is no connection to the server.')).toBeVisible();
    await expect(told.getByText('Nothing you did is lost. It is tried again by itself.')).toBeVisible();
    await desk.unroute(reads);
    await tryAgain(desk, what);
    await expect(shows(desk)).toBeVisible();
    await expectFocusKept(desk, what);
  });
}

test('a case, its contacts and its history can each fail alone, and each be tried again', async ({ desk, demo }) => {
  const parts = [
    { reads: /\/api\/v1\/cases\/[0-9a-f-]+$/, what: 'the case' },
    { reads: /\/api\/v1\/cases\/[0-9a-f-]+\/exposures/, what: 'the contacts' },
    { reads: /\/api\/v1\/cases\/[0-9a-f-]+\/history/, what: 'History' },
  ];
  for (const { reads } of parts) {
    await desk.route(reads, (route) =>
      route.fulfill({ status: 500, contentType: 'application/problem+json', json: PROBLEM }),
    );
  }
  await desk.goto(`${demo.url}/cases`);
  await desk.getByRole('combobox', { name: 'Name or reference' }).fill('SK_14');
  await desk.getByRole('option', { name: /^SK_14 / }).click();
  for (const { reads, what } of parts) {
    await expect(failure(desk, what).getByText('Nothing you did is lost.')).toBeVisible();
    await desk.unroute(reads);
    await tryAgain(desk, what);
    await expectFocusKept(desk, what);
  }
  await expect(desk.getByText(/38 people; 38 have become cases/)).toBeVisible();
});

test('a server that says what happened and what to do is quoted', async ({ desk, demo }) => {
  await desk.route(/\/api\/v1\/cases(\?.*)?$/, (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      headers: { 'retry-after': '30' },
      json: {
        ...PROBLEM,
        status: 503,
        detail: 'the database is away or busy; nothing was half-written',
        hint: 'try the same again in a moment',
      },
    }),
  );
  await desk.goto(`${demo.url}/cases`);
  const told = failure(desk, 'the case list');
  await expect(told.getByText('the database is away or busy; nothing was half-written')).toBeVisible();
  await expect(told.getByText(/Nothing you did is lost\. .*try the same again in a moment/)).toBeVisible();
});

test('a row that was put right stays typed when it cannot be sent, and goes in on the second try', async ({ page }) => {
  const server = await startServer();
  await openAccount(page, server);
  await page.goto(`${server.url}/import`);
  const rows = 'id,dt_onset\nB_1,2015-05-17\nB_2,2015-13-17';
  const file = { name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) };
  await page.getByLabel('Choose a file').setInputFiles(file);
  await page.getByLabel('dt_onset').selectOption({ label: 'Symptom onset' });
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const cell = page.getByLabel('Row 3, dt_onset');
  await cell.fill('2015-05-18');
  await page.route('**/corrections', (route) => route.abort('connectionrefused'));
  const send = page.getByRole('button', { name: 'Import corrected rows' });
  await send.click();
  await expect(page.getByRole('alert')).toHaveText('There is no connection to the server. Nothing you did is lost.');
  await expect(cell).toHaveValue('2015-05-18');
  await page.unroute('**/corrections');
  await send.click();
  await expect(page.getByText('1 row imported.')).toBeVisible();
  await server.end();
});
