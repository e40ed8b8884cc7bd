// A contact who has a telephone and nothing else: from the first call to the release letter, with the keyboard alone.

import type { Page } from '@playwright/test';
import { openAccount } from './account.ts';
import { doByName, expectFocusInSight, expectNeverLost, press, tabTo, watchFocus } from './focus.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';
import { ask, newId, openCase } from './work.ts';

let server: Server;
let cookies: Cookies;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  const page = await browser.newPage({ locale: 'en-GB' });
  await openAccount(page, server);
  cookies = await page.context().cookies();
  await page.goto(`${server.url}/settings`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await ask(page, 'PUT', '/letterhead', {
    version: 0,
    street: 'R1, 12',
    postcode: '68161',
    city: 'Mannheim',
    phone_index: '0621 293 0',
    phone_contacts: '',
    email: '',
    legal_note: 'Section 30 IfSG.',
  });
  await page.close();
});
test.afterAll(() => server.end());

const daysAgo = (n: number) => new Date(Date.now() - n * 86_400_000).toISOString().slice(0, 10);

/** Writes a day into a date field as a keyboard does in this browser: month, day, year. */
async function typeDay(page: Page, day: string) {
  const [year, month, date] = day.split('-');
  await page.keyboard.type(`${month}${date}${year}`);
}
/** Goes to a part of the case by its name. */
async function part(page: Page, name: string) {
  await doByName(page, `show: ${name}`);
  await expect(page.getByRole('link', { name, exact: true })).toHaveAttribute('aria-current', 'page');
}

for (const width of [1280, 390]) {
  test(`from the first call to the release letter, at ${width} pixels`, async ({ context, page }) => {
    test.setTimeout(180_000);
    await page.setViewportSize({ width, height: 844 });
    await context.addCookies(cookies);
    await page.goto(`${server.url}/settings`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    const name = width === 390 ? 'Telefonkontakt-Schmal' : 'Telefonkontakt-Breit';
    // Somebody tested three weeks ago names them: they met on the day before.
    const index = await openCase(page, { last_name: 'Nennt', tested: daysAgo(20), onset: daysAgo(20) });
    const declared = await ask<{ contact_case_id: string }>(page, 'POST', `/cases/${index}/contacts`, {
      contact_id: newId(),
      person_id: newId(),
      person_is_known: false,
      case_id: newId(),
      kind: 'household',
      first_day: daysAgo(19),
      last_day: daysAgo(19),
      said: {
        first_name: 'Gül',
        last_name: name,
        mobile: '0171 3920077',
        phone: null,
        email: null,
        address: null,
        hint: null,
        remark: null,
        is_health_staff: null,
        is_senior: null,
        has_condition: null,
      },
    });
    const caseUrl = `${server.url}/cases/${declared.contact_case_id}`;

    // The first call: found by name, reached, and who they are.
    await page.goto(`${server.url}/worklist`);
    await expect(page.getByRole('heading', { level: 1, name: 'Worklist' })).toBeVisible();
    await press(page, '/');
    await page.keyboard.type('Telefonk');
    await expect(page.getByRole('option', { name: new RegExp(name) }).first()).toBeVisible();
    const option = page.getByRole('option').filter({ hasText: name });
    for (let n = 0; n < 5 && (await option.getAttribute('aria-selected')) !== 'true'; n += 1) {
      await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(declared.contact_case_id));
    await expect(page.getByRole('heading', { level: 1, name: new RegExp(name) })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Note a call' })).toBeVisible();
    await watchFocus(page);
    await doByName(page, 'note a call');
    const call = page.getByRole('dialog');
    await tabTo(page, call.getByRole('button', { name: 'Reached', exact: true }));
    await page.keyboard.press('Enter');
    await expect(call).toHaveCount(0);
    const status = page.getByRole('dialog');
    await expect(page.locator('header.strip')).toContainText('followed up by telephone');

    // Details
    await part(page, 'Details');
    await tabTo(page, page.getByLabel('Date of birth'));
    await typeDay(page, '1982-05-17');
    await tabTo(page, page.getByLabel('They have no e-mail address'));
    await press(page, 'Space');
    for (const [label, text] of [
      ['Street', 'Hauptstraße'],
      ['House number', '3'],
      ['Postcode', '68161'],
      ['Town', 'Mannheim'],
    ] as const) {
      await tabTo(page, page.getByLabel(label, { exact: true }));
      await page.keyboard.type(text);
    }
    await tabTo(page, page.getByRole('button', { name: 'Save changes' }));
    await page.keyboard.press('Enter');
    await expect(page.getByText('Saved', { exact: true })).toBeVisible();

    // Questions
    await part(page, 'Questions');
    const questions = page.getByRole('form', { name: 'Questions' });
    const symptoms = questions.getByRole('group', { name: 'Do they have symptoms, or had some?' });
    await tabTo(page, symptoms.getByRole('radio', { name: 'not known' }));
    while (!(await symptoms.getByRole('radio', { name: 'no', exact: true }).isChecked())) await press(page, 'ArrowUp');
    await tabTo(page, questions.getByRole('button', { name: 'Save the answers' }));
    await page.keyboard.press('Enter');
    await expect(questions.getByRole('status')).toHaveText('Saved');

    // The diary of the last half day
    await part(page, 'Diary');
    const temperature = page.getByLabel('Temperature in °C').first();
    await tabTo(page, temperature);
    await page.keyboard.type('36.8');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('region', { name: 'Diary' })).toContainText('36.8');

    // Quarantine, which is over by now, and its order
    await part(page, 'Quarantine and letters');
    await tabTo(page, page.getByLabel('First day'));
    await typeDay(page, daysAgo(18));
    await tabTo(page, page.getByLabel('Last day, included'));
    await typeDay(page, daysAgo(5));
    await tabTo(page, page.getByRole('button', { name: 'Order quarantine' }));
    await page.keyboard.press('Enter');
    await expect(page.getByRole('region', { name: 'Who decided what' })).toContainText('ordered quarantine');
    await expect(page.locator('header.strip')).toContainText('Quarantine ended');
    const letters = page.getByRole('region', { name: 'Letters', exact: true });
    await tabTo(page, letters.getByRole('radio', { checked: true }));
    while (!(await letters.getByRole('radio', { name: 'Release from quarantine' }).isChecked())) {
      await press(page, 'ArrowDown');
    }
    await tabTo(page, letters.getByRole('button', { name: 'Make the letter' }));
    await page.keyboard.press('Enter');
    await expect(letters).toContainText('Release from quarantine: made');
    const pdf = letters.getByRole('link', { name: /Open the PDF/ });
    await tabTo(page, pdf, 'Tab');
    const href = new URL((await pdf.getAttribute('href')) ?? '', server.url).href;
    const answer = await page.request.get(href);
    expect((await answer.body()).subarray(0, 5).toString()).toBe('%PDF-');
    await tabTo(page, letters.getByRole('button', { name: 'Note that it was sent' }));
    await page.keyboard.press('Enter');
    await expect(letters.getByLabel('How')).toBeFocused();
    await tabTo(page, letters.getByRole('button', { name: 'Save' }));
    await page.keyboard.press('Enter');
    await expect(letters).toContainText(/Sent on/);

    // The end
    await doByName(page, 'change status');
    await tabTo(page, status.getByRole('radio').first());
    while (!(await status.getByRole('radio', { name: /Conclude/ }).isChecked())) await press(page, 'ArrowDown');
    await tabTo(page, status.getByRole('radio', { name: 'completed' }));
    await press(page, 'Space');
    await tabTo(page, status.getByRole('button', { name: /^(Save|Change|Conclude)/ }));
    await page.keyboard.press('Enter');
    await expect(status).toHaveCount(0);
    await expect(page.locator('header.strip')).toContainText('concluded');
    await expectFocusInSight(page);
    await expectNeverLost(page);
    await page.goto(`${server.url}/worklist`);
    await expect(page.getByRole('heading', { level: 1, name: 'Worklist' })).toBeVisible();
    await expect(page.getByText(name)).toHaveCount(0);
    await page.goto(`${caseUrl}?tab=history`);
    await expect(page.getByText('concluded the case: completed.')).toBeVisible();
  });
}
