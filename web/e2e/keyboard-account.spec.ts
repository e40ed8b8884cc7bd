// One's own settings and the accounts of others, without a mouse.

import { openAccount, PASSWORD } from './account.ts';
import { closeDialog, doByName, expectFocusInSight, expectNeverLost, press, tabTo, watchFocus } from './focus.ts';
import { type Server, startServer } from './server.ts';
import { expect, test } from './test.ts';
import { totp } from './totp.ts';

const NEW_PASSWORD = 'lantern gravel otter noon';

let server: Server;
let secret: string;
let userName: string;

test.beforeEach(async ({ page }) => {
  server = await startServer();
  ({ secret, userName } = await openAccount(page, server));
  await page.goto(`${server.url}/cases`);
  await expect(page.getByRole('heading', { level: 1, name: 'Cases' })).toBeVisible();
});
test.afterEach(() => server.end());

test('language, password and a token are changed with the keyboard alone, then one signs out and in', async ({
  page,
}) => {
  await doByName(page, 'open settings');
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeFocused();
  await watchFocus(page);

  // The language, there and back
  await tabTo(page, page.getByRole('radio', { name: 'English' }));
  await press(page, 'ArrowDown');
  await expect(page.getByRole('heading', { level: 1, name: 'Einstellungen' })).toBeVisible();
  await expect(page.getByRole('radio', { name: 'Deutsch' })).toBeFocused();
  await press(page, 'ArrowUp');
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await expectFocusInSight(page);

  // The password: refused at first, then changed
  const passwords = page.getByRole('region', { name: 'Password' });
  await tabTo(page, passwords.getByLabel('Password now'));
  await page.keyboard.type('something else');
  await tabTo(page, passwords.getByLabel('New password'));
  await page.keyboard.type(NEW_PASSWORD);
  await press(page, 'Enter');
  await expect(passwords.getByRole('alert')).toBeVisible();
  await expectFocusInSight(page);
  await tabTo(page, passwords.getByLabel('Password now'), 'Shift+Tab');
  await press(page, 'Control+a');
  await page.keyboard.type(PASSWORD);
  await tabTo(page, passwords.getByLabel('Code'));
  // A code works once: this is the one after that of the invitation.
  await page.keyboard.type(totp(secret, Date.now() + 30_000));
  await tabTo(page, passwords.getByRole('button', { name: 'Change the password' }));
  await press(page, 'Enter');
  await expect(page.getByText('The password is changed.')).toBeVisible();
  await expectFocusInSight(page);

  // A token, made and revoked
  const tokens = page.getByRole('region', { name: 'Tokens for programs' });
  await tabTo(page, tokens.getByRole('button', { name: 'New token' }));
  await press(page, 'Enter');
  const dialog = page.getByRole('dialog', { name: 'New token' });
  await tabTo(page, dialog.getByLabel('Name'));
  await page.keyboard.type('laboratory');
  await tabTo(page, dialog.getByRole('checkbox').first());
  await press(page, 'Space');
  await tabTo(page, dialog.getByRole('button', { name: 'New token' }));
  await press(page, 'Enter');
  await expect(page.getByRole('dialog', { name: 'laboratory' }).getByLabel('Token')).not.toHaveValue('');
  await expectFocusInSight(page);
  await closeDialog(page, tokens.getByRole('button', { name: 'New token' }));
  await tabTo(page, tokens.getByRole('button', { name: 'Revoke laboratory' }), 'Shift+Tab');
  await press(page, 'Enter');
  await expect(tokens.getByText('None yet.')).toBeVisible();
  await expectFocusInSight(page);

  // Out, and in again
  await doByName(page, 'sign out');
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeFocused();
  await expectFocusInSight(page);
  await tabTo(page, page.getByLabel('User name'));
  await page.keyboard.type(userName);
  await tabTo(page, page.getByLabel('Password'));
  await page.keyboard.type('something else');
  await press(page, 'Enter');
  await expect(page.getByRole('alert')).toBeFocused();
  await expectFocusInSight(page);
  await expectNeverLost(page);
});

test('an account is made, gets another role, is disabled and enabled with the keyboard alone', async ({ page }) => {
  await doByName(page, 'open accounts');
  await expect(page.getByRole('heading', { level: 1, name: 'Accounts' })).toBeFocused();
  await watchFocus(page);

  // Made, its name refused at first
  await tabTo(page, page.getByRole('button', { name: 'New account' }));
  await press(page, 'Enter');
  const making = page.getByRole('dialog', { name: 'New account' });
  await tabTo(page, making.getByLabel('User name'));
  await page.keyboard.type(userName);
  await press(page, 'Enter');
  await expect(making.getByRole('alert')).toBeVisible();
  await expectFocusInSight(page);
  await press(page, 'Control+a');
  await page.keyboard.type('kim');
  await tabTo(page, making.getByRole('radio', { name: /^case worker/ }));
  await press(page, 'ArrowDown');
  await expect(making.getByRole('radio', { name: /^analyst/ })).toBeChecked();
  await tabTo(page, making.getByRole('button', { name: 'Make the account' }));
  await press(page, 'Enter');
  const link = page.getByRole('dialog', { name: 'Link for kim' });
  await expect(link).toBeVisible();
  await expectFocusInSight(page);
  await tabTo(page, link.getByLabel('One-time link'));
  await expect(link.getByLabel('One-time link')).toHaveValue(/\/invitation#/);
  await closeDialog(page, page.getByRole('button', { name: 'New account' }));

  // Another role
  const role = page.getByRole('combobox', { name: 'Role of kim' });
  await tabTo(page, role);
  await page.keyboard.type('case');
  await expect(role.locator('option:checked')).toHaveText('case worker');
  await expect(role).toBeFocused();
  await expectFocusInSight(page);

  // Disabled, after thinking it over, and enabled
  const disable = page.getByRole('button', { name: 'Disable kim' });
  await tabTo(page, disable);
  await press(page, 'Enter');
  await closeDialog(page, disable);
  await press(page, 'Enter');
  await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Disable', exact: true }));
  await press(page, 'Enter');
  const enable = page.getByRole('button', { name: 'Enable kim' });
  await expect(enable).toBeFocused();
  await expectFocusInSight(page);
  await press(page, 'Enter');
  await expect(disable).toBeFocused();
  await expectFocusInSight(page);

  // A new link, and out by the rail
  await tabTo(page, page.getByRole('button', { name: 'New link for kim' }), 'Shift+Tab');
  await press(page, 'Enter');
  await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'New link', exact: true }));
  await press(page, 'Enter');
  await expect(page.getByRole('dialog', { name: 'Link for kim' })).toBeVisible();
  await expectFocusInSight(page);
  await closeDialog(page, page.getByRole('button', { name: 'New link for kim' }));
  await tabTo(page, page.getByRole('button', { name: 'Sign out' }), 'Shift+Tab');
  await press(page, 'Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeFocused();
  await expectNeverLost(page);
});
