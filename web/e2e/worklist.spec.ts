// A case worker's first screen: who waits, the number to dial, what came of the call, and on to the next.

import type { Page } from '@playwright/test';
import { openAccount, openAccountOf, PASSWORD } from './account.ts';
import { expectFocusInSight, expectNeverLost, press, tabTo, watchFocus } from './focus.ts';
import { type Server, startServer } from './server.ts';
import { expect, test } from './test.ts';
import { totp } from './totp.ts';
import { ask, noteCall, openCase } from './work.ts';

const HOUR_MS = 3_600_000;

let server: Server;
let secret: string;
let userName: string;

test.beforeEach(async ({ page }) => {
  server = await startServer();
  ({ secret, userName } = await openAccount(page, server));
});
test.afterEach(() => server.end());

const list = (page: Page) => page.getByRole('grid', { name: 'the worklist' });
const rowOf = (page: Page, name: string) => list(page).getByRole('row').filter({ hasText: name });
const pane = (page: Page) => page.getByRole('complementary', { name: 'The person' });
const atHand = (page: Page) => pane(page).getByRole('heading', { level: 2 });

/** Adler, Bauer and Clemens wait for their first call, in this order. */
async function threeWait(page: Page) {
  const ids: string[] = [];
  for (const [i, name] of ['Adler', 'Bauer', 'Clemens'].entries()) {
    ids.push(await openCase(page, { last_name: name, mobile: `030 23125 00${i}` }));
  }
  return ids as [string, string, string];
}
/** Takes the place of a telephone: the browser would ask which program dials, and take the keys for its question. */
async function answerDials(page: Page) {
  await page.evaluate(() =>
    document.addEventListener('click', (event) => {
      const link = (event.target as Element).closest('a[href^="tel:"]');
      if (!link) return;
      event.preventDefault();
      document.body.dataset.dialled = link.getAttribute('href') ?? '';
    }),
  );
}
async function openWorklist(page: Page) {
  await page.goto(`${server.url}/worklist`);
  await expect(list(page).getByRole('row').first()).toBeVisible();
}

test('from sign-in to the first number to dial: at most two actions', async ({ page }) => {
  await threeWait(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('User name').fill(userName);
  await page.getByLabel('Password').fill(PASSWORD);
  // A code works once: this is the next one.
  await page.getByLabel('Code', { exact: true }).fill(totp(secret, Date.now() + 30_000));
  let actions = 0;
  const act = async (what: () => Promise<unknown>) => {
    actions += 1;
    await what();
  };
  await act(() => page.getByRole('button', { name: 'Sign in' }).click());
  await expect(page.getByRole('heading', { level: 1, name: 'Worklist' })).toBeVisible();
  await expect(page).toHaveURL(/\/worklist$/);
  await expect(page.getByText('3 people, most urgent first')).toBeVisible();
  const number = pane(page).getByRole('link', { name: 'Call 030 23125 000' });
  await expect(number).toHaveAttribute('href', 'tel:03023125000');
  await answerDials(page);
  await act(() => page.keyboard.press('c'));
  await expect(page.locator('body')).toHaveAttribute('data-dialled', 'tel:03023125000');
  await expect(pane(page).getByRole('button', { name: 'Reached', exact: true })).toBeFocused();
  expect(actions).toBeLessThanOrEqual(2);
});

test('one action resolves an item and brings the next person, and undo works for ten seconds', async ({ page }) => {
  await threeWait(page);
  await page.clock.install();
  await openWorklist(page);
  await expect(atHand(page)).toHaveText('Adler');
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000));

  await pane(page).getByRole('button', { name: 'Resolve: Initial call open' }).click();
  await expect(atHand(page)).toHaveText('Bauer');
  await expect(atHand(page)).toBeFocused();
  await expect(list(page).getByRole('row')).toHaveCount(2);
  const bar = page.getByRole('region', { name: 'What was just done' });
  await expect(bar).toContainText('Resolved: Initial call open, Adler');
  await page.clock.runFor(3_000);
  await expect(bar).toContainText('7 s');
  await page.keyboard.press('z');
  await expect(atHand(page)).toHaveText('Adler');
  await expect(list(page).getByRole('row')).toHaveCount(3);
  await expect(bar).toContainText('Taken back');

  await page.keyboard.press('e');
  await expect(atHand(page)).toHaveText('Bauer');
  await page.clock.runFor(9_000);
  await expect(bar.getByRole('button', { name: 'Undo' })).toBeVisible();
  await page.clock.runFor(1_000);
  await expect(bar).toHaveCount(0);
  await page.keyboard.press('z');
  await expect(list(page).getByRole('row')).toHaveCount(2);
});

test('with the last person nobody waits, and undo brings them back', async ({ page }) => {
  await openCase(page, { last_name: 'Adler', mobile: '030 23125 000' });
  await openWorklist(page);
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Worklist/ })).toHaveText(
    /^\s*Worklist\s*1\s*$/,
  );
  await page.keyboard.press('e');
  await expect(page.getByRole('heading', { name: 'Nobody waits' })).toBeVisible();
  await expect(pane(page)).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(atHand(page)).toHaveText('Adler');
});

test('reached: the case is followed up by telephone, the note stays with the call, and one goes on', async ({
  page,
}) => {
  const [first] = await threeWait(page);
  await openWorklist(page);
  await pane(page).getByLabel('Note').fill('feels well');
  await pane(page).getByRole('button', { name: 'Reached', exact: true }).click();
  await expect(pane(page)).toContainText('followed up by telephone');
  await expect(pane(page).getByRole('region', { name: 'Last entries' })).toContainText('feels well');
  await expect(pane(page).getByLabel('Note')).toHaveValue('');
  // Nothing of theirs waits any more, but they are still on the telephone.
  await expect(atHand(page)).toHaveText('Adler');
  await expect(rowOf(page, 'Adler')).toContainText('Nothing waits any more');
  await expect(page.getByText('2 people, most urgent first')).toBeVisible();
  await page.keyboard.press('n');
  await expect(atHand(page)).toHaveText('Bauer');
  // The key that noted the call must not note one of the next person.
  await expect(pane(page).getByRole('heading', { name: 'Bauer' })).toBeFocused();
  await expect(rowOf(page, 'Adler')).toHaveCount(0);
  const work = await ask<{ standing: { status: string } }>(page, 'GET', `/cases/${first}/work`);
  expect(work.standing.status).toBe('tracked_manually');
});

test('not reached stays in the list with its last call; a wrong number asks for another one', async ({ page }) => {
  await threeWait(page);
  await openWorklist(page);
  await pane(page).getByRole('button', { name: 'Not reached' }).click();
  await expect(rowOf(page, 'Adler')).toContainText('not reached');
  await expect(rowOf(page, 'Adler')).toContainText('Initial call open');
  await page.keyboard.press('j');
  await expect(atHand(page)).toHaveText('Bauer');
  await pane(page).getByRole('button', { name: 'Other outcomes' }).click();
  await page.getByRole('button', { name: 'Wrong number', exact: true }).click();
  await expect(rowOf(page, 'Bauer')).toContainText('Wrong number or address');
});

test('a call back hides somebody until its time', async ({ page }) => {
  const id = await openCase(page, { last_name: 'Adler', mobile: '030 23125 000' });
  await openCase(page, { last_name: 'Bauer', mobile: '030 23125 001' });
  // Spoken to once, Adler waits for nothing but what is agreed upon.
  await noteCall(page, id, 'reached');
  await noteCall(page, id, 'call_back', new Date(Date.now() + 1_000).toISOString());
  await ask(page, 'PATCH', `/cases/${id}`, { changes: { born: null }, seen: null });
  await openWorklist(page);
  await rowOf(page, 'Adler').getByRole('link', { name: 'Adler' }).click();
  await pane(page).getByRole('button', { name: 'Call back …' }).click();
  const times = pane(page).getByRole('group', { name: 'Times that are often meant' });
  await times.getByRole('button', { name: 'Tomorrow, 09:00' }).click();
  await expect(pane(page).getByLabel('Call back at', { exact: true })).toHaveValue(/T09:00$/);
  await pane(page).getByRole('button', { name: 'Note a call back' }).click();
  await expect(page.getByRole('region', { name: 'What was just done' })).toContainText(
    'Noted: call back tomorrow 09:00',
  );
  const hidden = pane(page).getByRole('listitem').filter({ hasText: 'hidden until tomorrow 09:00' });
  await expect(hidden).toContainText('Call back tomorrow 09:00');
  await expect(rowOf(page, 'Adler')).not.toContainText('Call back');
  await hidden.getByRole('button', { name: /^Show again/ }).click();
  await expect(rowOf(page, 'Adler')).toContainText('Call back tomorrow 09:00');
});

test('an item is put off for an hour, and shown again', async ({ page }) => {
  await threeWait(page);
  await openWorklist(page);
  await pane(page).getByRole('button', { name: 'Later: Initial call open' }).click();
  await page.getByRole('button', { name: /^In 1 hour,/ }).click();
  await page.getByRole('button', { name: 'Hide until then' }).click();
  await expect(pane(page)).toContainText('hidden until');
  await expect(page.getByText('2 people, most urgent first')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('3 people, most urgent first')).toBeVisible();
  await expect(atHand(page)).toHaveText('Adler');
});

test('missing details are named and lead to their field', async ({ page }) => {
  await openCase(page, { last_name: 'Adler', says_no_email: null, born: null });
  await openWorklist(page);
  await expect(rowOf(page, 'Adler')).toContainText('Missing: telephone, date of birth and e-mail or address');
  await expect(pane(page)).toContainText('No number is known.');
  await pane(page).getByRole('link', { name: 'Add details' }).click();
  await expect(page.getByLabel('Telephone', { exact: true })).toBeFocused();
});

test('whose people and what waits stand in the address', async ({ page }) => {
  const [first] = await threeWait(page);
  const me = await ask<{ account_id: string }>(page, 'GET', '/session');
  await ask(page, 'PUT', `/cases/${first}/assignment`, { account_id: me.account_id });
  await openWorklist(page);
  await page.getByRole('combobox', { name: 'Whose people' }).selectOption('my people');
  await expect(page).toHaveURL(/whose=me/);
  await expect(list(page).getByRole('row')).toHaveCount(1);
  await expect(rowOf(page, 'Adler')).toContainText(userName);
  await page.getByRole('combobox', { name: 'What waits' }).selectOption('Details missing');
  await expect(page).toHaveURL(/kind=details_missing/);
  await expect(page.getByRole('heading', { name: 'Nobody like that waits' })).toBeVisible();
  await page.goBack();
  await expect(rowOf(page, 'Adler')).toBeVisible();
  await page.getByRole('combobox', { name: 'Whose people' }).selectOption('nobody’s people');
  await expect(list(page).getByRole('row')).toHaveCount(2);
  await pane(page).getByRole('button', { name: 'Assign to me' }).click();
  await expect(pane(page).getByRole('combobox', { name: 'Whose case it is' })).toHaveValue(me.account_id);
});

test('more people than a page are read on', async ({ page }) => {
  for (const name of ['Adler', 'Bauer', 'Clemens']) await openCase(page, { last_name: name, mobile: '030 23125 000' });
  await page.route(/\/api\/v1\/worklist\?/, async (route) => {
    const url = new URL(route.request().url());
    url.searchParams.set('limit', '2');
    await route.continue({ url: url.href });
  });
  await openWorklist(page);
  await expect(list(page).getByRole('row')).toHaveCount(3);
  await expect(page.getByRole('button', { name: 'Show more people' })).toHaveCount(0);
});

test('with the keyboard alone: move, call, note what came of it, resolve, next', async ({ page }) => {
  await threeWait(page);
  await page.goto(`${server.url}/settings`);
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('open worklist');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Worklist' })).toBeFocused();
  await expect(atHand(page)).toHaveText('Adler');
  await answerDials(page);
  await watchFocus(page);
  await press(page, 'j', 'j', 'k');
  await expect(atHand(page)).toHaveText('Bauer');
  await press(page, 'c');
  await expect(pane(page).getByRole('button', { name: 'Reached', exact: true })).toBeFocused();
  await tabTo(page, pane(page).getByRole('button', { name: 'Not reached' }));
  await press(page, 'Enter');
  await expect(rowOf(page, 'Bauer')).toContainText('not reached');
  await tabTo(page, pane(page).getByRole('button', { name: 'Resolve: Initial call open' }));
  await press(page, 'Enter');
  await expect(atHand(page)).toHaveText('Clemens');
  await expectFocusInSight(page);
  await press(page, 'e');
  await expect(atHand(page)).toHaveText('Adler');
  await press(page, 'z');
  await expect(atHand(page)).toHaveText('Clemens');
  await press(page, 'k');
  await expect(atHand(page)).toHaveText('Adler');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Case Adler' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { level: 1, name: 'Worklist' })).toBeFocused();
  await expect(atHand(page)).toHaveText('Adler');
  await expectNeverLost(page);
  await page.keyboard.press('?');
  const keys = page.getByRole('dialog', { name: 'Keyboard' });
  for (const name of ['Dial the number', 'Resolve all, next person', 'Next person', 'Assign to me']) {
    await expect(keys.getByText(name, { exact: true })).toBeVisible();
  }
});

test('a session that ends in the middle of a note loses nothing of it', async ({ page, context }) => {
  await threeWait(page);
  await openWorklist(page);
  await pane(page).getByLabel('Note').fill('call the daughter instead');
  await context.clearCookies();
  await pane(page).getByRole('button', { name: 'Not reached' }).click();
  await expect(page.getByText('Your session has ended.')).toBeVisible();
  await page.getByLabel('User name').fill(userName);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByLabel('Code', { exact: true }).fill(totp(secret, Date.now() + 30_000));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(pane(page).getByLabel('Note')).toHaveValue('call the daughter instead');
});

test('what fails is told where it failed, and the same call sent again is one', async ({ page }) => {
  const [first] = await threeWait(page);
  await openWorklist(page);
  let stored = false;
  await page.route('**/calls', async (route) => {
    if (stored) return route.continue();
    // It arrives, but its answer doesn't.
    await route.fetch();
    stored = true;
    await route.abort('connectionreset');
  });
  await pane(page).getByRole('button', { name: 'Not reached' }).click();
  await expect(pane(page).getByRole('alert')).toContainText('There is no connection to the server.');
  await pane(page).getByRole('button', { name: 'Not reached' }).click();
  await expect(page.getByText('Noted: not reached')).toBeVisible();
  const work = await ask<{ calls: unknown[] }>(page, 'GET', `/cases/${first}/work`);
  expect(work.calls).toHaveLength(1);
});

test('where names are locked the list says so, and shows file numbers', async ({ page }) => {
  await openCase(page, { last_name: 'Adler', file_number: 'A-1', mobile: '030 23125 000' });
  await page.route(/\/api\/v1\/worklist(\?.*)?$/, async (route) => {
    const answer = await route.fetch();
    const all = await answer.json();
    const items = all.items.map((row: { case: object }) => ({
      ...row,
      phone: null,
      case: { ...row.case, first_name: null, last_name: null },
    }));
    await route.fulfill({ response: answer, json: { ...all, items, names_locked: true } });
  });
  await openWorklist(page);
  await expect(page.getByText(/^Names are locked/)).toBeVisible();
  await expect(rowOf(page, 'A-1')).toBeVisible();
});

test('an analyst has no worklist, and begins elsewhere', async ({ page }) => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await openAccountOf(page, server, 'ann', 'analyst');
  await expect(page.getByRole('heading', { level: 1, name: 'Outbreak' })).toBeVisible();
  await page.goto(`${server.url}/worklist`);
  await expect(page.getByRole('heading', { name: 'You may not open this' })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /Worklist/ })).toHaveCount(0);
});

test('on a phone the person is a screen of their own, with a way back', async ({ page }) => {
  await threeWait(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await openWorklist(page);
  await expect(pane(page)).toHaveCount(0);
  await rowOf(page, 'Bauer').getByRole('link', { name: 'Bauer' }).click();
  await expect(atHand(page)).toHaveText('Bauer');
  await expect(list(page)).toBeHidden();
  await pane(page).getByRole('button', { name: 'Resolve all, next person' }).click();
  await expect(atHand(page)).toHaveText('Clemens');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(atHand(page)).toHaveText('Bauer');
  await page.getByRole('link', { name: 'Back to the worklist' }).click();
  await expect(list(page).getByRole('row')).toHaveCount(3);
  await rowOf(page, 'Adler').getByRole('link', { name: 'Adler' }).click();
  await page.goBack();
  await expect(list(page)).toBeVisible();
});

test('old news: the list says so while the server is away, and comes back', async ({ page }) => {
  await threeWait(page);
  await openWorklist(page);
  await page.route(/\/api\/v1\/(worklist|cases)/, (route) => route.abort('connectionrefused'));
  await page.clock.install({ time: Date.now() + 2 * HOUR_MS });
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expect(page.getByText(/As of .* Reconnecting\./).first()).toBeVisible();
  await expect(list(page).getByRole('row')).toHaveCount(3);
  await page.unroute(/\/api\/v1\/(worklist|cases)/);
  await page.getByRole('button', { name: 'Try now' }).first().click();
  await expect(page.getByText(/Reconnecting\./)).toHaveCount(0);
});
