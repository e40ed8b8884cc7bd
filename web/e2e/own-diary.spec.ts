// A patient's diary on their telephone, what they ask of the authority, and what staff see of it.

import type { Page } from '@playwright/test';
import {
  BORN,
  enrolled,
  faults,
  heading,
  invited,
  own,
  PASSWORD,
  type Phone,
  prepareOffice,
  tellAll,
} from './patients.ts';
import { type Server, startServer } from './server.ts';
import { type Cookies, expect, test } from './test.ts';
import { ask } from './work.ts';

let server: Server;
let cookies: Cookies;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  cookies = await prepareOffice(browser, server);
});
test.afterAll(() => server.end());
test.beforeEach(async ({ context, page }) => {
  await context.addCookies(cookies);
  await page.goto(`${server.url}/settings`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

const card = (phone: Page, part: string) => phone.getByRole('region', { name: part, exact: true });

async function countTaps(phone: Page) {
  await phone.evaluate(() => {
    document.documentElement.dataset.taps = '0';
    document.addEventListener('click', () => {
      document.documentElement.dataset.taps = String(Number(document.documentElement.dataset.taps) + 1);
    });
  });
}

test('36.8 and no symptoms are two taps, and staff see it at once', async ({ page, browser }) => {
  const { phone, context, caseId, part } = await enrolled(page, browser, 'Mia', 'Tap');
  // Before the first half day of a day has begun, the evening before is still the diary's today.
  await expect(phone.getByText(/Day [56] of 14\./)).toBeVisible();
  await faults(phone, 'home');
  await countTaps(phone);
  await card(phone, part).getByRole('button', { name: '36.8' }).tap();
  await card(phone, part).getByRole('button', { name: 'No symptoms, send' }).tap();
  await expect(card(phone, part)).toContainText('36.8 °C, no symptoms.');
  await expect(card(phone, part).getByRole('status')).toContainText(/^\s*sent \d\d:\d\d/);
  await expect(phone.locator('html')).toHaveAttribute('data-taps', '2');
  await faults(phone, 'sent');
  await page.goto(`${server.url}/cases/${caseId}?tab=diary`);
  const row = page.getByRole('region', { name: 'Diary' }).locator('.slot', { hasText: '36.8 °C, no symptoms' });
  await expect(row).toContainText('by themselves');
  await context.close();
});

test('symptoms, whom they met, a second thought, and a rare temperature', async ({ page, browser }) => {
  const { phone, context, caseId, part } = await enrolled(page, browser, 'Mia', 'Ill');
  await card(phone, part).getByLabel('Temperature in °C').fill('44.8');
  await card(phone, part).getByRole('button', { name: 'I have symptoms' }).click();
  await heading(phone, new RegExp(`, ${part.toLowerCase()}$`));
  await expect(phone.getByLabel('Temperature in °C')).toHaveValue('44.8');
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect(phone.getByRole('alert')).toContainText('This is rare.');
  await faults(phone, 'a rare temperature');
  await phone.getByLabel('Temperature in °C').fill('48');
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect(phone.getByRole('alert').first()).toContainText('Please type your temperature');
  await faults(phone, 'no temperature');
  await phone.getByLabel('Temperature in °C').fill('39,6');
  await phone.getByLabel('Shortness of breath').check();
  await phone.getByLabel('Ali Yılmaz').check();
  await phone.getByLabel('What else should we know?').fill('The stairs are hard.');
  await phone.getByRole('button', { name: 'Back' }).click();
  await heading(phone, 'Hello Mia');
  await phone.reload();
  await heading(phone, 'Hello Mia');
  await card(phone, part).getByRole('button', { name: 'I have symptoms' }).click();
  await expect(phone.getByLabel('Shortness of breath')).toBeChecked();
  await expect(phone.getByLabel('What else should we know?')).toHaveValue('The stairs are hard.');
  await faults(phone, 'entry');
  await phone.getByRole('button', { name: 'Send' }).click();
  await heading(phone, 'Hello Mia');
  await expect(card(phone, part)).toContainText('39.6 °C, Shortness of breath.');
  await page.goto(`${server.url}/cases/${caseId}?tab=diary`);
  const diary = page.getByRole('region', { name: 'Diary' });
  await expect(diary.locator('.slot', { hasText: 'The stairs are hard.' })).toContainText('Ali Yılmaz');
  const work = await ask<{ items: { kind: string; resolution: string | null }[] }>(
    page,
    'GET',
    `/cases/${caseId}/work`,
  );
  const waiting = work.items.filter((item) => item.resolution === null).map((item) => item.kind);
  expect(waiting).toEqual(expect.arrayContaining(['increased_temperature', 'suspicious_symptom']));
  await card(phone, part).getByRole('button', { name: 'Change' }).click();
  await phone.getByLabel('Shortness of breath').uncheck();
  await phone.getByLabel('Cough', { exact: true }).check();
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect(card(phone, part)).toContainText('39.6 °C, Cough.');
  await page.reload();
  await expect(diary.locator('.slot', { hasText: 'The stairs are hard.' })).toContainText('changed by the patient');
  await context.close();
});

test('somebody who is not in the list yet is added on the way, and is ticked', async ({ page, browser }) => {
  const { phone, context, caseId, part } = await enrolled(page, browser, 'Mia', 'Met');
  await card(phone, part).getByRole('button', { name: 'I have symptoms' }).click();
  await phone.getByLabel('Temperature in °C').fill('37.1');
  const met = phone.getByRole('group', { name: 'Whom did you meet on this day?' });
  await met.getByRole('button', { name: 'Add somebody else' }).click();
  await faults(phone, 'a person in an entry');
  await expect(met.getByLabel('Year')).toHaveCount(0);
  await met.getByRole('button', { name: 'Save this person' }).click();
  await expect(met.getByText('Tell us how to reach or find the person')).toBeVisible();
  await expect(met.getByLabel('How can we find them?')).toBeFocused();
  await met.getByLabel('First name').fill('Ömer');
  await met.getByLabel('Last name').fill('Kaya');
  await met.getByLabel('Phone or mobile').fill('12');
  await met.getByLabel('Close, 15 minutes or longer').check();
  await met.getByLabel('Last name').press('Enter');
  await expect(met.getByText('A phone number has 5 to 17 digits')).toBeVisible();
  await expect(met.getByLabel('Phone or mobile')).toBeFocused();
  await faults(phone, 'a wrong number');
  await met.getByLabel('Phone or mobile').fill('0621 777777');
  // Whoever sends the entry meanwhile saves the person with it; whoever saves goes on in the entry.
  await met.getByRole('button', { name: 'Save this person' }).click();
  await expect(met.getByLabel('Ömer Kaya')).toBeChecked();
  await expect(met.getByRole('button', { name: 'Add somebody else' })).toBeFocused();
  await expect(phone.getByLabel('Temperature in °C')).toHaveValue('37.1');
  await met.getByRole('button', { name: 'Add somebody else' }).click();
  await met.getByLabel('How can we find them?').fill('the woman at the till');
  await met.getByLabel('In the same room').check();
  await phone.getByRole('button', { name: 'Send' }).click();
  await heading(phone, 'Hello Mia');
  await page.goto(`${server.url}/cases/${caseId}?tab=diary`);
  const slot = page.getByRole('region', { name: 'Diary' }).locator('.slot', { hasText: '37.1 °C' });
  await expect(slot).toContainText('Ömer Kaya');
  type Met = { said: { last_name: string | null; hint: string | null }; days: { first: string; last: string } };
  const contacts = await ask<{ items: Met[] }>(page, 'GET', `/cases/${caseId}/contacts`);
  const day = (
    await own<{ today: string; items: { day: string; entry: object | null }[] }>(phone, 'GET', `/cases/${caseId}/diary`)
  ).items.find((one) => one.entry)?.day;
  const named = contacts.items.filter(({ said }) => said.last_name === 'Kaya' || said.hint);
  expect(named.map(({ days }) => [days.first, days.last])).toEqual([
    [day, day],
    [day, day],
  ]);
  await context.close();
});

test('without network a person is kept with the entry; one whom the server refuses is told of', async ({
  page,
  browser,
}) => {
  const { phone, context, caseId, part } = await enrolled(page, browser, 'Mia', 'Away');
  await card(phone, part).getByRole('button', { name: 'I have symptoms' }).click();
  const met = phone.getByRole('group', { name: 'Whom did you meet on this day?' });
  await expect(met.getByLabel('Ali Yılmaz')).toBeVisible();
  await phone.getByLabel('Temperature in °C').fill('36.5');
  await context.setOffline(true);
  const add = async (fields: Record<string, string>) => {
    await met.getByRole('button', { name: 'Add somebody else' }).click();
    for (const [label, text] of Object.entries(fields)) await met.getByLabel(label).fill(text);
    await met.getByLabel('In the same room').check();
    await met.getByRole('button', { name: 'Save this person' }).click();
    await expect(met.getByRole('button', { name: 'Add somebody else' })).toBeFocused();
  };
  await add({ 'First name': 'Eva', 'Last name': 'Gut', 'Phone or mobile': '0621 888888' });
  await add({ 'First name': 'Uwe', 'Last name': 'Falsch', 'Phone or mobile': '1' });
  await expect(met.getByLabel('Eva Gut')).toBeChecked();
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect(card(phone, part)).toContainText('not sent yet');
  await context.setOffline(false);
  await expect(card(phone, part).getByRole('status')).toContainText('sent', { timeout: 15_000 });
  await expect(phone.getByText('Uwe Falsch is not saved.')).toBeVisible();
  await faults(phone, 'one is not saved');
  await page.goto(`${server.url}/cases/${caseId}?tab=diary`);
  const slot = page.getByRole('region', { name: 'Diary' }).locator('.slot', { hasText: '36.5 °C' });
  await expect(slot).toContainText('Eva Gut');
  await expect(slot).not.toContainText('Falsch');
  await context.close();
});

test('without network an entry and a wish are kept, said, and sent when it is back', async ({ page, browser }) => {
  const { phone, context, caseId, part } = await enrolled(page, browser, 'Mia', 'Offline');
  await context.setOffline(true);
  await card(phone, part).getByRole('button', { name: '37.0' }).click();
  await card(phone, part).getByRole('button', { name: 'No symptoms, send' }).click();
  await expect(card(phone, part)).toContainText('not sent yet');
  await expect(phone.getByText('There is no network.')).toBeVisible();
  await faults(phone, 'without network');
  await phone.getByRole('button', { name: 'Call me back' }).click();
  await phone.getByRole('button', { name: 'Ask for a call' }).click();
  await expect(phone.getByText('What you asked for is not sent yet.')).toBeVisible();
  await context.setOffline(false);
  await expect(card(phone, part).getByRole('status')).toContainText('sent', { timeout: 15_000 });
  await expect(phone.getByText('We know that you want a call.')).toBeVisible();
  await expect(phone.getByText('There is no network.')).toHaveCount(0);
  const diary = await ask<{ items: { entry: { said_by: string } | null }[] }>(page, 'GET', `/cases/${caseId}/diary`);
  expect(diary.items.flatMap(({ entry }) => (entry ? [entry.said_by] : []))).toEqual(['own']);
  await context.close();
});

test('a call and a message are asked for, and staff read them in the case and on the worklist', async ({
  page,
  browser,
}) => {
  const { phone, context, caseId } = await enrolled(page, browser, 'Mia', 'Words');
  await phone.getByRole('button', { name: 'Call me back' }).click();
  await heading(phone, 'Call me back');
  await faults(phone, 'call me back');
  await phone.getByLabel('What is it about?').fill('The dog must go out.');
  await phone.getByRole('button', { name: 'Back' }).click();
  await phone.getByRole('button', { name: 'Call me back' }).click();
  await expect(phone.getByLabel('What is it about?')).toHaveValue('The dog must go out.');
  await phone.getByRole('button', { name: 'Ask for a call' }).click();
  await heading(phone, 'Hello Mia');
  await expect(phone.getByText('You asked for a call.')).toBeVisible();
  await phone.getByRole('button', { name: 'Write to us' }).click();
  await heading(phone, 'Write to us');
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect(phone.getByRole('alert')).toContainText('Please fill this in');
  await phone.getByLabel('Your message').fill('x'.repeat(1_001));
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect(phone.getByRole('alert')).toContainText('Please write less');
  await faults(phone, 'write to us');
  await phone.getByLabel('Your message').fill('When do I get my letter?');
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect(phone.getByText('We have your message.')).toBeVisible();
  await faults(phone, 'asked');
  await page.goto(`${server.url}/cases/${caseId}?tab=calls`);
  const log = page.getByRole('listitem').filter({ hasText: 'When do I get my letter?' });
  await expect(log).toContainText('the patient');
  await expect(page.getByRole('listitem').filter({ hasText: 'The dog must go out.' })).toBeVisible();
  await page.goto(`${server.url}/worklist`);
  const row = page.getByRole('grid', { name: 'the worklist' }).getByRole('row').filter({ hasText: 'Words' });
  await expect(row).toContainText('Call back');
  await expect(row).toContainText('Message');
  await context.close();
});

test('who acts for a child says for whom', async ({ page, browser }) => {
  const { phone, context, part } = await enrolled(page, browser, 'Mia', 'Family');
  const child = await invited(page, 'Kim', 'Family');
  await own(phone, 'POST', '/cases', { code: child.code, born: BORN, accepts: { language: 'en', version: 1 } });
  await tellAll(phone, child.caseId);
  await phone.reload();
  const whom = phone.getByRole('group', { name: 'For whom?' });
  await expect(whom.getByRole('button', { name: 'Mia' })).toHaveAttribute('aria-pressed', 'true');
  await whom.getByRole('button', { name: 'Kim' }).click();
  await faults(phone, 'two persons');
  await card(phone, part).getByRole('button', { name: '36.6' }).click();
  await card(phone, part).getByRole('button', { name: 'No symptoms, send' }).click();
  await expect(card(phone, part)).toContainText('36.6 °C');
  await whom.getByRole('button', { name: 'Mia' }).click();
  await expect(card(phone, part).getByRole('button', { name: 'No symptoms, send' })).toBeVisible();
  const diary = await ask<{ items: { entry: object | null }[] }>(page, 'GET', `/cases/${child.caseId}/diary`);
  expect(diary.items.filter(({ entry }) => entry)).toHaveLength(1);
  await context.close();
});

test('in German and Turkish, and without reminders', async ({ page, browser }) => {
  const { phone, context, part } = await enrolled(page, browser, 'Mia', 'Tongue');
  await phone.getByLabel('Send me an e-mail if I forget my diary').uncheck();
  await expect(phone.getByText('We will not remind you.')).toBeVisible();
  await phone.reload();
  await expect(phone.getByLabel('Send me an e-mail if I forget my diary')).not.toBeChecked();
  for (const [language, halves, well] of [
    ['de', { Morning: 'Morgen', Evening: 'Abend' }, 'Keine Beschwerden, senden'],
    ['tr', { Morning: 'Sabah', Evening: 'Akşam' }, 'Şikâyetim yok, gönder'],
  ] as const) {
    await phone.locator('.bar-top select').selectOption(language);
    await expect(card(phone, halves[part as 'Morning']).getByRole('button', { name: well })).toBeVisible();
    await expect(card(phone, halves[part as 'Morning']).getByRole('button', { name: '36,8' })).toBeVisible();
    await faults(phone, language);
  }
  await context.close();
});

test('a session that ended loses nothing that was typed', async ({ page, browser }) => {
  const { phone, context, part }: Phone & { part: string } = await enrolled(page, browser, 'Mia', 'Idle');
  await card(phone, part).getByLabel('Temperature in °C').fill('36.9');
  await context.clearCookies();
  await card(phone, part).getByRole('button', { name: 'No symptoms, send' }).click();
  await heading(phone, 'Sign in');
  await phone.getByLabel('User name').fill('miaidle');
  await phone.getByLabel('Password').fill(PASSWORD);
  await phone.getByRole('button', { name: 'Sign in' }).click();
  await expect(card(phone, part)).toContainText('36.9 °C, no symptoms.');
  await expect(card(phone, part).getByRole('status')).toContainText('sent');
  await context.close();
});
