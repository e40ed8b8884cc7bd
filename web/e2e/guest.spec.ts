// Guests at the door of a venue: the first time, the next time, without signal, with a wrong clock; what they see, and what
// leaves their phone.

import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { AT, EVENING, FakeDoor, invalid, TERRACE, VENUE } from './guest-door.ts';
import { faults } from './patients.ts';
import { type Server, startServer } from './server.ts';
import { expect, test } from './test.ts';

let server: Server;
let door: FakeDoor;
test.beforeAll(async () => {
  server = await startServer();
});
test.afterAll(() => server.end());
test.beforeEach(async () => {
  door = await new FakeDoor().open(server.url);
});
test.afterEach(() => door.close());

/** Pictures for the book, if EPITRACE_SCREENS=1; else they are left beside the results of the tests. */
const FOLDER = join(
  import.meta.dirname,
  process.env.EPITRACE_SCREENS === '1' ? '../../docs/screens' : '../test-results/screens',
);
const take = (page: Page, name: string) => page.screenshot({ path: join(FOLDER, `guest-${name}.png`) });

type Setting = { width?: number; clock?: string; locale?: string };

/** A phone whose clock stands still. */
async function phoneOf(browser: Browser, { width = 390, locale = 'en-GB' }: Setting = {}): Promise<BrowserContext> {
  return browser.newContext({ locale, viewport: { width, height: 844 }, hasTouch: true });
}

async function scan(phone: BrowserContext, address = AT, clock = EVENING): Promise<Page> {
  const page = await phone.newPage();
  await page.clock.setFixedTime(clock);
  await page.goto(door.url + address);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  return page;
}

async function typeMia(page: Page) {
  await page.getByLabel('Your name').fill('Mia Adler');
  await page.getByLabel('Telephone').first().fill('0621 123456');
}

const checkIn = (page: Page) => page.getByRole('button', { name: 'Check in', exact: true });
const venue = (page: Page) => expect(page.getByRole('heading', { level: 1, name: 'Café Rosa' })).toBeVisible();
const isThere = (page: Page) => expect(page.getByText('You are checked in at')).toBeVisible();
const notSent = (page: Page) => page.getByText('Not sent yet. Open me again when you have signal.');

/** Waits until the page opens without a network from now on. */
const kept = (page: Page) => page.evaluate(async () => void (await navigator.serviceWorker.ready));

for (const width of [390, 1280]) {
  test(`a first check-in asks for a name and a way to be reached, at ${width}`, async ({ browser }) => {
    const phone = await phoneOf(browser, { width });
    const page = await scan(phone);
    await venue(page);
    await expect(page.getByText('Terrace', { exact: true })).toBeVisible();
    await expect(page.getByText('Until it closes, 23:00')).toBeVisible();
    await expect(page.getByText('Deleted on 11 December.')).toBeVisible();
    await faults(page, 'form');
    await take(page, `form-${width}`);
    await typeMia(page);
    await checkIn(page).click();
    await isThere(page);
    await venue(page);
    await expect(page.getByText('Deleted on 11 December.')).toBeVisible();
    await expect(page.locator('dl')).toHaveText(
      /Arrived\s*20:02\s*Where\s*Terrace\s*Ends by itself\s*23:00\s*Change\s*People\s*1/,
    );
    await faults(page, 'receipt');
    await take(page, `receipt-${width}`);
    const [body] = door.told('/check-ins');
    expect(body).toMatchObject({ authority: 'MA', venue_id: VENUE, area_id: TERRACE });
    expect(body?.visits).toEqual([
      {
        visit_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        secret: expect.stringMatching(/^[-_A-Za-z0-9]{22}$/),
        arrived_at: '2026-11-26T19:02:11.000Z',
        leaves_at: null,
        name: 'Mia Adler',
        phone: '0621 123456',
        email: null,
        address: null,
        household: 0,
      },
    ]);
    expect(await whatIsKept(page), 'nobody wished to be remembered').not.toContain('Mia');
    await phone.close();
  });
}

/** All that the phone keeps of this page, as text. */
function whatIsKept(page: Page): Promise<string> {
  return page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const open = indexedDB.open('epitrace-guest');
        open.onsuccess = () => {
          const shelves = ['visits', 'kept'].map(
            (shelf) =>
              new Promise((done) => {
                const all = open.result.transaction(shelf).objectStore(shelf).getAll();
                all.onsuccess = () => done(all.result);
              }),
          );
          void Promise.all(shelves).then((found) => resolve(JSON.stringify(found) + JSON.stringify(localStorage)));
        };
      }),
  );
}

test('who is remembered checks in with at most two taps', async ({ browser }) => {
  const phone = await phoneOf(browser);
  const first = await scan(phone);
  await typeMia(first);
  await first.getByLabel('Remember me on this phone').check();
  await checkIn(first).click();
  await isThere(first);
  await first.getByRole('button', { name: 'Check out' }).click();
  await expect(first.getByText('You have checked out of')).toBeVisible();
  await first.close();

  door.now = Date.parse('2026-11-27T18:00:00Z');
  const page = await scan(phone, AT, '2026-11-27T18:00:00Z');
  await page.evaluate(() => {
    document.documentElement.dataset.taps = '0';
    document.addEventListener('click', () => {
      document.documentElement.dataset.taps = String(Number(document.documentElement.dataset.taps) + 1);
    });
  });
  await faults(page, 'remembered');
  await page.getByRole('button', { name: '2', exact: true }).tap();
  await checkIn(page).tap();
  await isThere(page);
  await expect(page.locator('html')).toHaveAttribute('data-taps', '2');
  expect(door.told('/check-ins')[1]?.visits).toMatchObject([{ name: 'Mia Adler', household: 1 }]);
  await expect(page.getByRole('region', { name: 'Your visits' })).toContainText('26 November, 20:02');
  await phone.close();
});

test('“forget me” leaves nothing of the guest on the phone', async ({ browser }) => {
  const phone = await phoneOf(browser);
  const first = await scan(phone);
  await typeMia(first);
  await first.getByLabel('Remember me on this phone').check();
  await checkIn(first).click();
  await isThere(first);
  expect(await whatIsKept(first)).toContain('Mia');
  await first.close();
  const page = await scan(phone, `/g/MA/${VENUE}#name=Rosa`);
  await page.getByRole('button', { name: 'Forget me' }).click();
  await expect(page.getByLabel('Your name')).toHaveValue('');
  await expect.poll(() => whatIsKept(page)).not.toContain('Mia');
  await phone.close();
});

test('without signal a venue that the phone never saw gives a receipt at once, and it is sent when the signal is back', async ({
  browser,
}) => {
  const phone = await phoneOf(browser);
  const before = await scan(phone, '/g/');
  await kept(before);
  await before.close();
  await phone.setOffline(true);
  const page = await scan(phone);
  await venue(page);
  await expect(page.getByText('You have no signal. You can check in all the same.')).toBeVisible();
  await typeMia(page);
  await checkIn(page).click();
  await expect(notSent(page)).toBeVisible();
  await venue(page);
  await expect(page.getByText('Deleted on 11 December.')).toBeVisible();
  await faults(page, 'not sent');
  await take(page, 'offline-390');
  expect(door.heard).toEqual([]);
  await phone.setOffline(false);
  await isThere(page);
  await expect(notSent(page)).toHaveCount(0);
  expect(door.told('/check-ins')).toHaveLength(1);
  await phone.close();
});

test('a check-in that waits is sent when the page is opened the next day, as the visit that it was', async ({
  browser,
}) => {
  const phone = await phoneOf(browser);
  const before = await scan(phone, '/g/');
  await kept(before);
  await before.close();
  await phone.setOffline(true);
  const evening = await scan(phone);
  await typeMia(evening);
  await checkIn(evening).click();
  await expect(notSent(evening)).toBeVisible();
  await evening.close();
  await phone.setOffline(false);
  const morning = '2026-11-27T08:00:00Z';
  door.now = Date.parse(morning);
  door.marks = ['late'];
  const page = await scan(phone, '/g/', morning);
  await expect.poll(() => door.list.size).toBe(1);
  // The page of the evening may have been quick enough to send it as it closed: then it came twice, as the same visit.
  for (const body of door.told('/check-ins')) expect(body).toEqual(door.told('/check-ins')[0]);
  expect(door.told('/check-ins')[0]?.visits).toMatchObject([{ arrived_at: '2026-11-26T19:02:11.000Z' }]);
  await page.getByRole('button', { name: 'Café Rosa' }).click();
  await expect(page.getByText('Your stay is over at')).toBeVisible();
  await phone.close();
});

test('after more than a day it is too late, and the receipt says so', async ({ browser }) => {
  const phone = await phoneOf(browser);
  const before = await scan(phone, '/g/');
  await kept(before);
  await before.close();
  await phone.setOffline(true);
  const evening = await scan(phone);
  await typeMia(evening);
  await checkIn(evening).click();
  await expect(notSent(evening)).toBeVisible();
  await evening.close();
  await phone.setOffline(false);
  door.now = Date.parse('2026-11-28T08:00:00Z');
  const page = await scan(phone, '/g/', '2026-11-28T08:00:00Z');
  await expect(page.getByText('not on the list')).toBeVisible();
  await page.getByRole('button', { name: 'Café Rosa' }).click();
  await expect(page.getByRole('alert')).toContainText('More than a day has gone by.');
  await faults(page, 'too late');
  await page.getByRole('button', { name: 'Remove it from this phone' }).click();
  await expect(page.getByText('There are no visits on this phone.')).toBeVisible();
  await phone.close();
});

test('a wrong clock is corrected by the server’s', async ({ browser }) => {
  const phone = await phoneOf(browser);
  const page = await scan(phone, AT, '2026-11-26T22:30:00Z');
  await expect(page.getByText('Until it closes, 23:00')).toBeVisible();
  await typeMia(page);
  await checkIn(page).click();
  await isThere(page);
  const [body] = door.told('/check-ins');
  expect(body?.visits).toMatchObject([{ arrived_at: expect.stringMatching(/^2026-11-26T19:02:11/) }]);
  await page.close();
  // The correction is kept: without signal it holds as well.
  await phone.setOffline(true);
  const offline = await scan(phone, `/g/MA/${VENUE}#name=Rosa`, '2026-11-26T22:40:00Z');
  await typeMia(offline);
  await checkIn(offline).click();
  await expect(offline.locator('dl')).toContainText('20:12');
  await phone.close();
});

test('a clock that turns out wrong only when it is sent moves the arrival, once', async ({ browser }) => {
  const phone = await phoneOf(browser);
  const before = await phone.newPage();
  await before.goto(`${door.url}/g/`);
  await kept(before);
  await before.close();
  await phone.setOffline(true);
  const page = await scan(phone, AT, '2026-11-26T22:30:00Z');
  await typeMia(page);
  await checkIn(page).click();
  await expect(notSent(page)).toBeVisible();
  await phone.setOffline(false);
  await isThere(page);
  const [first, second] = door
    .told('/check-ins')
    .map(({ visits }) => (visits as { arrived_at: string; visit_id: string }[])[0]);
  expect(first?.arrived_at).toMatch(/^2026-11-26T22:30/);
  expect(second?.arrived_at).toMatch(/^2026-11-26T19:02/);
  expect(second?.visit_id).toBe(first?.visit_id);
  await phone.close();
});

test('a server that is busy is left alone for as long as it says, then hears the same visit', async ({ browser }) => {
  const phone = await phoneOf(browser);
  const page = await phone.newPage();
  await page.clock.install({ time: EVENING });
  await page.goto(door.url + AT);
  door.refusals.push({ status: 503, headers: { 'retry-after': '30' } });
  await typeMia(page);
  await checkIn(page).click();
  await expect(notSent(page)).toBeVisible();
  await page.clock.runFor(25_000);
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await page.clock.runFor(1_000);
  expect(door.told('/check-ins')).toHaveLength(1);
  await page.clock.runFor(20_000);
  await isThere(page);
  const [first, second] = door.told('/check-ins');
  expect(second).toEqual(first);
  await phone.close();
});

test('who leaves checks out, changes their mind, and the last word counts', async ({ browser }) => {
  const phone = await phoneOf(browser);
  const page = await scan(phone);
  // The place answered: from now on its clock counts.
  await expect(page.getByText('Until it closes, 23:00')).toBeVisible();
  await typeMia(page);
  await page.getByLabel('I leave at a time').check();
  await page.getByLabel('You leave at').fill('21:30');
  await checkIn(page).click();
  await isThere(page);
  expect(door.told('/check-ins')[0]?.visits).toMatchObject([{ leaves_at: '2026-11-26T20:30:00.000Z' }]);
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByLabel('When do you leave?').fill('22:15');
  await faults(page, 'another end');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('dl')).toContainText('22:15');
  await page.getByRole('button', { name: 'Check out' }).click();
  await expect(page.getByText('You have checked out of')).toBeVisible();
  await expect(page.locator('dl')).toHaveText(/Left\s*20:02/);
  await expect.poll(() => door.told('/check-outs').length).toBe(2);
  const ends = door.told('/check-outs').map(({ visits }) => (visits as { left_at: string }[])[0]?.left_at);
  expect(ends).toEqual(['2026-11-26T21:15:00.000Z', '2026-11-26T19:02:12.000Z']);
  await faults(page, 'left');
  await phone.close();
});

test('a check-out without signal follows the check-in', async ({ browser }) => {
  const phone = await phoneOf(browser);
  const page = await scan(phone);
  await kept(page);
  await phone.setOffline(true);
  await typeMia(page);
  await checkIn(page).click();
  await expect(notSent(page)).toBeVisible();
  await page.getByRole('button', { name: 'Check out' }).click();
  await phone.setOffline(false);
  await expect(page.getByText('You have checked out of')).toBeVisible();
  await expect.poll(() => door.heard.map(({ path }) => path)).toEqual(['/check-ins', '/check-outs']);
  await phone.close();
});

test('deleting early says what it does and what it doesn’t', async ({ browser }) => {
  const phone = await phoneOf(browser);
  const page = await scan(phone);
  await typeMia(page);
  await checkIn(page).click();
  await isThere(page);
  await page.getByRole('button', { name: 'Delete my data now' }).click();
  const asked = page.getByRole('region', { name: 'Delete this visit now?' });
  await expect(asked).toContainText('On 11 December the key to them is destroyed.');
  await expect(asked).toContainText('within 24 hours');
  await faults(page, 'deletion');
  await asked.getByRole('button', { name: 'No, keep it' }).click();
  await expect(asked).toHaveCount(0);
  expect(door.list.size).toBe(1);
  await page.getByRole('button', { name: 'Delete my data now' }).click();
  await page.getByRole('button', { name: 'Yes, delete it' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Your data is deleted' })).toBeVisible();
  await faults(page, 'deleted');
  expect(door.list.size).toBe(0);
  expect(await whatIsKept(page)).not.toContain('Mia');
  await phone.close();
});

test('what was never sent is deleted on the phone alone; what may have been is deleted there too', async ({
  browser,
}) => {
  const phone = await phoneOf(browser);
  const page = await scan(phone);
  door.refusals.push({ status: 500 });
  await typeMia(page);
  await checkIn(page).click();
  await expect(notSent(page)).toBeVisible();
  await phone.setOffline(true);
  await page.getByRole('button', { name: 'Delete my data now' }).click();
  await page.getByRole('button', { name: 'Yes, delete it' }).click();
  await expect(page.getByText('Your data will be deleted when you have signal.')).toBeVisible();
  expect(await whatIsKept(page)).not.toContain('Mia');
  await phone.setOffline(false);
  await expect(page.getByRole('heading', { level: 1, name: 'Your data is deleted' })).toBeVisible();
  expect(door.told('/check-ins/deletions')).toHaveLength(1);
  await phone.close();
});

test('a party: the household is a count, everybody else an entry of their own', async ({ browser }) => {
  const phone = await phoneOf(browser);
  const page = await scan(phone);
  await typeMia(page);
  await page.getByRole('button', { name: '4+' }).click();
  await page.getByLabel('Four or more: how many?').fill('5');
  await page.getByLabel('All from my household').uncheck();
  for (const n of [2, 3])
    await page
      .getByRole('group', { name: `Person ${n}` })
      .getByLabel('From my household')
      .check();
  const fourth = page.getByRole('group', { name: 'Person 4' });
  await fourth.getByLabel('Name', { exact: true }).fill('Ali Yılmaz');
  await fourth.getByLabel('Telephone').fill('0170 7654321');
  const fifth = page.getByRole('group', { name: 'Person 5' });
  await fifth.getByLabel('Name', { exact: true }).fill('Zoë');
  await fifth.getByRole('button', { name: 'Give an e-mail instead' }).click();
  await fifth.getByLabel('E-mail').fill('zoe@example.org');
  await faults(page, 'party');
  await checkIn(page).click();
  await isThere(page);
  await expect(page.locator('dl')).toHaveText(/People\s*5/);
  expect(door.told('/check-ins')[0]?.visits).toMatchObject([
    { name: 'Mia Adler', household: 2 },
    { name: 'Ali Yılmaz', phone: '0170 7654321', email: null, household: 0 },
    { name: 'Zoë', phone: null, email: 'zoe@example.org', household: 0 },
  ]);
  await page.getByRole('button', { name: 'Check out' }).click();
  await expect.poll(() => (door.told('/check-outs')[0]?.visits as unknown[])?.length).toBe(3);
  await phone.close();
});

test('what is wrong is said beside its field, and on top with the way there', async ({ browser }) => {
  const phone = await phoneOf(browser);
  door.venue.asks_address = 'yes';
  const page = await scan(phone);
  await expect(page.getByLabel('Street')).toBeVisible();
  await page.getByLabel('Telephone').fill('12');
  await checkIn(page).click();
  const summary = page.getByRole('alert');
  await expect(summary).toBeFocused();
  await expect(summary.getByRole('link')).toHaveText([
    'Write the name.',
    'Write a number with at least 6 digits.',
    'Write the street.',
    'Write the number of the house.',
    'Write the postcode.',
    'Write the town.',
  ]);
  await faults(page, 'errors');
  await summary.getByRole('link', { name: 'Write a number with at least 6 digits.' }).click();
  await expect(page.getByLabel('Telephone')).toBeFocused();
  await expect(page.getByLabel('Telephone')).toHaveAccessibleDescription('Write a number with at least 6 digits.');
  await typeMia(page);
  for (const [label, text] of [
    ['Street', 'Hauptstraße'],
    ['Number', '3 a'],
    ['Postcode', '68161'],
    ['Town', 'Mannheim'],
  ] as const) {
    await page.getByLabel(label).fill(text);
  }
  await checkIn(page).click();
  await isThere(page);
  const address = { street: 'Hauptstraße', house_number: '3 a', postcode: '68161', city: 'Mannheim' };
  expect(door.told('/check-ins')[0]?.visits).toMatchObject([{ address }]);
  await phone.close();
});

test('what the server finds wrong stands beside its field as well, and is sent anew', async ({ browser }) => {
  const phone = await phoneOf(browser);
  const page = await scan(phone);
  door.refusals.push(invalid('visits.0.phone'));
  await typeMia(page);
  await checkIn(page).click();
  await expect(page.getByRole('alert')).toContainText('Write a number with at least 6 digits.');
  await expect(page.getByLabel('Your name')).toHaveValue('Mia Adler');
  await page.getByLabel('Telephone').fill('0621 654321');
  await checkIn(page).click();
  await isThere(page);
  await expect(page.getByRole('region', { name: 'Your visits' })).toHaveCount(0);

  const other = await scan(phone, `/g/MA/${VENUE}#name=Rosa`);
  door.refusals.push({ status: 409 });
  await typeMia(other);
  await checkIn(other).click();
  await expect(other.getByRole('alert')).toContainText('This check-in did not work. Please check in again.');
  await checkIn(other).click();
  await isThere(other);
  await phone.close();
});

test('the names of the server count, and a code that it does not know is not used', async ({ browser }) => {
  const phone = await phoneOf(browser);
  const page = await scan(phone, `/g/MA/${VENUE}/${TERRACE}#name=Elsewhere&area=Cellar`);
  await venue(page);
  await expect(page.getByText('Terrace', { exact: true })).toBeVisible();
  const unknown = await scan(phone, '/g/MA/0000000000#name=Nowhere');
  await expect(unknown.getByText('We do not know this code.')).toBeVisible();
  await expect(checkIn(unknown)).toHaveCount(0);
  door.venue.open = false;
  const closed = await scan(phone, `/g/MA/${VENUE}#name=Rosa`);
  await expect(closed.getByText('This place takes no check-ins any more.')).toBeVisible();
  await faults(closed, 'closed');
  await phone.close();
});

test('visits are shared by a case worker’s letters: what is sent is shown, then what became of it', async ({
  browser,
}) => {
  const phone = await phoneOf(browser);
  door.now = Date.parse('2026-11-26T12:00:00Z');
  const first = await scan(phone, `/g/MA/${VENUE}#name=Rosa`, '2026-11-26T12:00:00Z');
  await typeMia(first);
  await checkIn(first).click();
  await isThere(first);
  await first.close();
  door.now = Date.parse(EVENING);
  const page = await scan(phone);
  await typeMia(page);
  await checkIn(page).click();
  await isThere(page);
  // The older one is deleted meanwhile.
  for (const id of [...door.list.keys()].slice(0, 1)) door.list.delete(id);
  await page.getByRole('button', { name: 'Share with a case worker' }).click();
  const share = page.getByRole('region', { name: 'Share with a case worker' });
  await expect(share.getByRole('checkbox')).toHaveCount(2);
  await faults(page, 'sharing');
  await share.getByRole('button', { name: 'Share these visits' }).click();
  await expect(share.getByLabel('Letters and numbers')).toBeFocused();
  await expect(share.getByText('Write the 8 letters and numbers.')).toBeVisible();
  await share.getByLabel('Letters and numbers').fill('AAAA-AAAA');
  await share.getByRole('button', { name: 'Share these visits' }).click();
  await expect(share.getByText('These letters do not work.')).toBeVisible();
  await share.getByLabel('Letters and numbers').fill('k7m2-q9xa');
  await share.getByRole('button', { name: 'Share these visits' }).click();
  await expect(share.getByRole('status')).toContainText('This became of your visits:');
  await expect(share.getByRole('listitem')).toHaveText([/Shared$/, /Not found\. It may be deleted already\.$/]);
  await faults(page, 'shared');
  const sent = door.told('/shared-visits').at(-1) as { visits: object[] };
  expect(Object.keys(sent.visits[0] ?? {}).sort()).toEqual(['arrived_at', 'secret', 'venue_id', 'visit_id']);
  await phone.close();
});

test('visits leave the phone by themselves on their day of deletion', async ({ browser }) => {
  const phone = await phoneOf(browser);
  const first = await scan(phone);
  await typeMia(first);
  await checkIn(first).click();
  await isThere(first);
  await first.close();
  door.now = Date.parse('2026-12-10T22:59:00Z');
  const last = await scan(phone, '/g/', '2026-12-10T22:59:00Z');
  await expect(last.getByRole('button', { name: 'Café Rosa' })).toBeVisible();
  await last.close();
  door.now = Date.parse('2026-12-10T23:00:00Z');
  const after = await scan(phone, '/g/', '2026-12-10T23:00:00Z');
  await expect(after.getByText('There are no visits on this phone.')).toBeVisible();
  await expect.poll(() => whatIsKept(after)).not.toContain('secret');
  await phone.close();
});

test('where the browser keeps nothing the page says so, and works while it is open', async ({ browser }) => {
  const phone = await phoneOf(browser);
  await phone.addInitScript(() => {
    Object.defineProperty(window, 'indexedDB', { value: undefined });
  });
  const page = await scan(phone);
  await expect(page.getByText('This phone does not let us save anything.')).toBeVisible();
  await phone.setOffline(true);
  await typeMia(page);
  await checkIn(page).click();
  await expect(page.getByText('Not sent yet. Keep this page open until you have signal.')).toBeVisible();
  await phone.setOffline(false);
  await isThere(page);
  await phone.close();
});

test('a phone that lacks what is new checks in all the same', async ({ browser }) => {
  const phone = await phoneOf(browser);
  await phone.addInitScript(() => {
    const lacks = (where: object, ...names: string[]) => {
      for (const name of names)
        Object.defineProperty(where, name, { value: undefined, writable: true, configurable: true });
    };
    lacks(String.prototype, 'replaceAll', 'at', 'matchAll');
    lacks(Array.prototype, 'at', 'findLast', 'toSorted', 'toReversed', 'with');
    lacks(Object, 'hasOwn', 'groupBy');
    lacks(Promise, 'withResolvers', 'any');
    lacks(Element.prototype, 'replaceChildren');
    lacks(window, 'structuredClone', 'AbortController', 'BroadcastChannel', 'ResizeObserver');
    lacks(crypto, 'randomUUID');
    lacks(Navigator.prototype, 'serviceWorker');
  });
  const page = await scan(phone);
  await typeMia(page);
  await page.getByRole('button', { name: '3', exact: true }).click();
  await checkIn(page).click();
  await isThere(page);
  await phone.close();
});

for (const [locale, button, status] of [
  ['de-DE', 'Jetzt einchecken', 'Sie sind angemeldet bei'],
  ['tr-TR', 'Giriş yap', 'Kaydınız var:'],
] as const) {
  test(`the page speaks the language of the phone, and another if asked, ${locale}`, async ({ browser }) => {
    const phone = await phoneOf(browser, { locale });
    const page = await scan(phone);
    await expect(page.locator('html')).toHaveAttribute('lang', locale.slice(0, 2));
    await page.locator('#name-0').fill('Mia');
    await page.locator('#phone-0').fill('0621 123456');
    await faults(page, `form in ${locale}`);
    await page.getByRole('button', { name: button }).click();
    await expect(page.getByText(status)).toBeVisible();
    await faults(page, `receipt in ${locale}`);
    await page.getByRole('combobox').selectOption('en');
    await isThere(page);
    await page.reload();
    await isThere(page);
    await phone.close();
  });
}

test('from right to left nothing breaks, and everything is large enough for a thumb', async ({ browser }) => {
  const phone = await phoneOf(browser);
  const page = await scan(phone);
  await page.evaluate(() => {
    document.documentElement.dir = 'rtl';
  });
  await page.getByRole('button', { name: '2', exact: true }).click();
  await page.getByLabel('All from my household').uncheck();
  await faults(page, 'from right to left');
  await checkIn(page).click();
  await expectLarge(page);
  await typeMia(page);
  await page.getByLabel('From my household').last().check();
  await checkIn(page).click();
  await isThere(page);
  await faults(page, 'receipt from right to left');
  await expectLarge(page);
  await phone.close();
});

/** Everything that can be tapped is at least 44 pixels high; what stands in a label is tapped by the label. */
async function expectLarge(page: Page) {
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('button, a, select, input')]
      .map((one) => one.closest('label') ?? one)
      .filter((one) => one.getBoundingClientRect().height < 44)
      .map((one) => one.outerHTML.slice(0, 120)),
  );
  expect(small).toEqual([]);
}

test('the page is checked in by keyboard alone', async ({ browser }) => {
  const phone = await phoneOf(browser, { width: 1280 });
  const page = await scan(phone);
  const name = page.getByLabel('Your name');
  await name.focus();
  await page.keyboard.type('Mia Adler');
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Telephone')).toBeFocused();
  await page.keyboard.type('0621 123456');
  await page.keyboard.press('Enter');
  await isThere(page);
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Check out' })).toBeFocused();
  await phone.close();
});

test('it loads three files and asks one question, less than 50 kB in all, and nothing of the other pages', async ({
  browser,
}) => {
  const phone = await phoneOf(browser);
  const page = await phone.newPage();
  const loaded: { path: string; bytes: number; packed: string }[] = [];
  page.on('requestfinished', async (request) => {
    const { responseBodySize } = await request.sizes();
    const packed = (await request.response())?.headers()['content-encoding'] ?? '';
    loaded.push({ path: new URL(request.url()).pathname, bytes: responseBodySize, packed });
  });
  await page.goto(door.url + AT, { waitUntil: 'networkidle' });
  const own = loaded.filter(({ path }) => !/icon|manifest|sw\.js/.test(path)).map(({ path }) => path);
  expect(own).toHaveLength(4);
  expect(own.filter((path) => !/^\/g\/|^\/api\/v1\/guest\//.test(path))).toEqual([]);
  const files = loaded.filter(({ path }) => path.startsWith('/g/assets/'));
  expect(files.map(({ packed }) => packed)).toEqual(['br', 'br']);
  expect(loaded.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(50_000);
  await phone.close();
});

test('a new version takes the place of the old one, which goes on until then', async ({ browser }) => {
  const phone = await phoneOf(browser);
  const first = await scan(phone);
  await kept(first);
  door.newer = 'b';
  await first.reload();
  const version = () =>
    first.evaluate(async () =>
      (await caches.keys()).filter((name) => name.startsWith('guest-')).map((name) => name.length),
    );
  await expect.poll(version).toEqual([18, 19]);
  await first.reload();
  await expect
    .poll(() => first.evaluate(async () => (await navigator.serviceWorker.getRegistration('/g/'))?.waiting === null))
    .toBe(true);
  await phone.setOffline(true);
  await first.reload();
  await venue(first);
  await phone.close();
});
