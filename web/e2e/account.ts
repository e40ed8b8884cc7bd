// The first administrator of a fresh server: from the one-time link to a working account with a second factor.

import type { Page } from '@playwright/test';
import type { Server } from './server.ts';
import { expect } from './test.ts';
import { totp } from './totp.ts';

export const PASSWORD = 'wheel cloud spoon harbour';

/** Accepts the first administrator's invitation and returns the secret of the second factor. */
export async function openAccount(page: Page, server: Server): Promise<{ secret: string; userName: string }> {
  if (!server.invitation) throw new Error('this server gave no first invitation');
  await page.goto(server.invitation);
  await page.getByLabel('Choose a password').fill(PASSWORD);
  const secret = await page.getByText('Or type this into the app:').locator('bdi').innerText();
  const hello = await page.getByText(/has made the account/).innerText();
  await page.getByLabel(/six digits/).fill(totp(secret));
  await page.getByRole('button', { name: 'Open my account' }).click();
  await expect(page.getByRole('heading', { name: 'Recovery codes' })).toBeVisible();
  await page.getByLabel('I have kept these codes').check();
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByRole('combobox', { name: 'Name or reference' })).toBeVisible();
  return { secret, userName: /“(.+)”/.exec(hello)?.[1] ?? '' };
}
