// The log of mails and letters: what waits, what it says, taken back; filtered, empty, failed; at a telephone too.

import { openAccount } from './account.ts';
import { startServer } from './server.ts';
import { startMailServer } from './smtp.ts';
import { expectSound } from './sound.ts';
import { expect, test } from './test.ts';
import { ask, newId, openCase } from './work.ts';

test('whoever wonders what became of a letter finds it from its case, reads it and takes it back', async ({ page }) => {
  const server = await startServer();
  await openAccount(page, server);
  await page.goto(`${server.url}/settings/mail`);
  await expect(page.getByRole('heading', { name: 'No mail yet' })).toBeVisible();
  await expectSound(page, 'an empty log');

  const caseId = await openCase(page, {
    last_name: 'Adler',
    first_name: 'Kim',
    street: 'Road',
    house_number: '1',
    postcode: '68161',
    city: 'Mannheim',
  });
  const today = new Date().toISOString().slice(0, 10);
  const head = { version: 0, street: 'R1', postcode: '68161', city: 'Mannheim', phone_index: '0621 1' };
  await ask(page, 'PUT', '/letterhead', { ...head, phone_contacts: '', email: '', legal_note: '' });
  await ask(page, 'PUT', `/cases/${caseId}/quarantine`, { first: today, last: today, why: null, seen: null });
  await ask(page, 'POST', `/cases/${caseId}/letters`, { letter_id: newId(), kind: 'order', language: null });

  await page.goto(`${server.url}/cases/${caseId}?tab=calls`);
  await page.getByRole('link', { name: 'Mails and letters of this case' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Mail' })).toBeFocused();
  await expect(page.getByRole('link', { name: 'of one case only' })).toBeVisible();
  const row = page.getByRole('row').filter({ hasText: 'Letter: order of isolation' });
  await expect(row).toContainText('waiting');
  expect(page.url()).not.toContain('Adler');
  await expectSound(page, 'the log');
  await row.getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Letter: order of isolation' })).toBeFocused();
  await expect(page.locator('pre').first()).toContainText('Adler');
  await expectSound(page, 'one letter');
  await page.getByRole('button', { name: 'Take back' }).click();
  await expect(page.getByText('It was taken back.', { exact: true })).toBeVisible();
  await expect(page.getByText('What it said is erased', { exact: false })).toBeVisible();

  await page.goto(`${server.url}/settings/mail?status=waiting`);
  await expect(page.getByRole('heading', { name: 'No message is like that' })).toBeVisible();
  await page.getByRole('link', { name: 'Start again' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'taken back' })).toBeVisible();

  await page.setViewportSize({ width: 390, height: 844 });
  await expectSound(page, 'the log on a telephone');
  await page.route('**/api/v1/messages?*', (route) => route.abort());
  await page.goto(`${server.url}/settings/mail?kind=reset`);
  await expect(page.getByRole('alert')).toBeVisible();
  await page.unroute('**/api/v1/messages?*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'No message is like that' })).toBeVisible();
  await server.end();
});

test('a mail that was refused is seen, and tried again by hand when the other side takes it', async ({ page }) => {
  const mail = await startMailServer();
  const config = `[mail]\nhost = "127.0.0.1"\nport = ${mail.port}\nsecurity = "none"\nfrom = "office@example.org"\n`;
  const server = await startServer({ config });
  await openAccount(page, server);
  for (const kind of ['welcome', 'terms', 'imprint', 'data_protection']) {
    await ask(page, 'PUT', `/public-texts/${kind}/en`, { version: 0, markup: `# ${kind}` });
  }
  const caseId = await openCase(page, { last_name: 'Adler', email: 'kim@example.org', says_no_email: null });
  await ask(page, 'POST', `/cases/${caseId}/activation`, { channel: 'mail' });
  const failed = async () => {
    const found = await ask<{ items: { message_id: string }[] }>(page, 'GET', '/messages?status=failed');
    return found.items[0]?.message_id ?? null;
  };
  // It waits for as long as the invitation can be taken back.
  await expect.poll(failed, { timeout: 30_000 }).not.toBeNull();
  await page.goto(`${server.url}/settings/mail?status=failed`);
  const row = page.getByRole('row').filter({ hasText: 'Invitation' });
  await row.getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Invitation' })).toBeFocused();
  await expect(page.getByText('kim@example.org')).toBeVisible();
  await expectSound(page, 'a mail that failed');
  mail.refuses = false;
  await page.getByRole('button', { name: 'Try again', exact: true }).click();
  await expect(page.getByText('It is tried again now.')).toBeVisible();
  await expect.poll(() => mail.taken, { timeout: 30_000 }).toEqual(['kim@example.org']);
  await expect.poll(failed, { timeout: 30_000 }).toBeNull();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.reload();
  await expect(page.getByText('tried again by hand')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try again', exact: true })).toHaveCount(0);
  await expectSound(page, 'a mail that went at last, on a telephone');
  await server.end();
  await mail.end();
});
