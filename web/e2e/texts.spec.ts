// What an authority writes itself: the public texts and those of mails and letters, seen before they are in force.

import { openAccount } from './account.ts';
import { expectNeverLost, press, tabTo, watchFocus } from './focus.ts';
import { type Server, startServer } from './server.ts';
import { expectSound } from './sound.ts';
import { type Cookies, expect, test } from './test.ts';

let server: Server;
let cookies: Cookies;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  const page = await browser.newPage({ locale: 'en-GB' });
  await openAccount(page, server);
  cookies = await page.context().cookies();
  await page.close();
});
test.beforeEach(({ context }) => context.addCookies(cookies));
test.afterAll(() => server.end());

test('an administrator writes a public text with the keyboard alone, and whoever has no account reads it', async ({
  page,
  request,
}) => {
  await page.goto(`${server.url}/settings`);
  await page.getByRole('link', { name: 'Texts', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Texts' })).toBeFocused();
  await expect(page.getByText('Nobody can be invited before these are written', { exact: false })).toContainText(
    'Data protection',
  );
  await expectSound(page, 'the list');
  await watchFocus(page);
  await tabTo(page, page.getByRole('link', { name: 'Imprint, German' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Imprint, German' })).toBeFocused();
  const area = page.getByLabel('Text', { exact: true });
  await tabTo(page, area);
  await page.keyboard.type('# Amt\n\n<script>alert(1)</script>\n\nMusterweg 1');
  const frame = page.frameLocator('iframe[title="Preview"]');
  await expect(frame.getByRole('heading', { name: 'Amt' })).toBeVisible();
  await expect(frame.getByText('<script>alert(1)</script>')).toBeVisible();
  await expectSound(page, 'the editor');
  await tabTo(page, page.getByRole('button', { name: 'Put in force' }));
  await press(page, 'Enter');
  await expect(page.getByText('Version 1 is in force.')).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'Version 1' })).toBeVisible();
  await expectNeverLost(page);
  const session = await (await page.request.get(`${server.url}/api/v1/session`)).json();
  const code = session.authority.short_code;
  const read = await request.get(`${server.url}/api/v1/authorities/${code}/texts/imprint?language=de`);
  expect((await read.json()).parts[0].html).toContain('<h2>Amt</h2>');

  // Nothing at all is no text; what was agreed to before can be written on from
  await area.fill('');
  await page.getByRole('button', { name: 'Put in force' }).click();
  await expect(page.getByText('It says nothing')).toBeVisible();
  await expect(area).toBeFocused();
  await page.getByRole('button', { name: 'Write on from version 1' }).click();
  await expect(area).toHaveValue(/Musterweg 1/);
  await page.getByRole('button', { name: 'Take the text back' }).click();
  await expect(page.getByText('There is no such text any more.')).toBeVisible();
});

test('a mail is written with what is filled in, its faults stand at their place, and it goes back to the default', async ({
  page,
}) => {
  await page.goto(`${server.url}/settings/texts/message/invitation/en`);
  const preview = page.getByRole('region', { name: 'Preview' });
  await expect(preview.locator('pre')).toContainText('Kim O');
  await expect(page.frameLocator('iframe[title="As HTML"]').getByRole('link').first()).toBeVisible();
  const text = page.getByLabel('Text', { exact: true });
  await text.fill('Please come.');
  await expect(page.getByText('It must name {{ link }}', { exact: false })).toBeVisible();
  await expect(text).toHaveAttribute('aria-invalid', 'true');
  await text.focus();
  await page.keyboard.press('Control+End');
  await page.getByRole('button', { name: 'Link', exact: true }).click();
  await expect(text).toHaveValue('Please come.{{ link }}');
  await expect(text).toBeFocused();
  await expect(preview.locator('pre')).toContainText('Please come.https://');
  await expectSound(page, 'the editor of a mail');
  await page.getByRole('button', { name: 'Put in force' }).click();
  await expect(page.getByText('Version 1 is in force.')).toBeVisible();
  await page.goto(`${server.url}/settings/texts`);
  await expect(page.getByRole('row').filter({ hasText: 'Invitation' }).filter({ hasText: 'your own' })).toHaveCount(1);
  await page.getByRole('link', { name: 'Invitation, English' }).click();
  await page.getByRole('button', { name: 'Back to the program’s text' }).click();
  await expect(page.getByText('The program’s text is in force again.')).toBeVisible();
  await expect(text).toHaveValue(/Dear/);
});

test('a letter has no HTML, and texts fit on a telephone in German', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.url}/settings/texts/message/quarantine_order/de`);
  await expect(page.getByLabel('Text', { exact: true })).toHaveValue(/./);
  await expect(page.getByLabel('The same as HTML')).toHaveCount(0);
  await expectSound(page, 'the editor of a letter');
  await page.goto(`${server.url}/settings`);
  await page.getByRole('radio', { name: 'Deutsch' }).check();
  await page.getByRole('link', { name: 'Texte', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Texte' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Datenschutz, Türkisch' })).toBeVisible();
  await expectSound(page, 'the list in German');
});
