// From a one-time link to a working account with a second factor: the first administrator of a fresh server, and
// whoever else is to work there.

import { execFileSync } from 'node:child_process';
import type { Page } from '@playwright/test';
import { program, type Server } from './server.ts';
import { expect } from './test.ts';
import { totp } from './totp.ts';

export const PASSWORD = 'wheel cloud spoon harbour';

/** Accepts the first administrator's invitation and returns the secret of the second factor. */
export async function openAccount(page: Page, server: Server): Promise<{ secret: string; userName: string }> {
  if (!server.invitation) throw new Error('this server gave no first invitation');
  const account = await accept(page, server.invitation);
  await expect(page.getByRole('combobox', { name: 'Name or reference' })).toBeVisible();
  return account;
}

/** Makes an account of another role, as an operator does, and accepts its invitation in a page. */
export async function openAccountOf(page: Page, server: Server, userName: string, role: string, authority?: string) {
  const args = ['admin', 'create-account', userName, '--role', role, '--data', server.data, '--json'];
  if (authority) args.push('--authority', authority);
  const { link } = JSON.parse(execFileSync(program(), args, { encoding: 'utf8' }));
  await accept(page, server.url + link);
}

async function accept(page: Page, link: string): Promise<{ secret: string; userName: string }> {
  await page.goto(link);
  await page.getByLabel('Choose a password').fill(PASSWORD);
  const secret = await page.getByText('Or type this into the app:').locator('bdi').innerText();
  const hello = await page.getByText(/has made the account/).innerText();
  await page.getByLabel(/six digits/).fill(totp(secret));
  await page.getByRole('button', { name: 'Open my account' }).click();
  await expect(page.getByRole('heading', { name: 'Recovery codes' })).toBeVisible();
  await page.getByLabel('I have kept these codes').check();
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByRole('heading', { name: 'Recovery codes' })).toHaveCount(0);
  return { secret, userName: /“(.+)”/.exec(hello)?.[1] ?? '' };
}
