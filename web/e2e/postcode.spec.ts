// Where somebody lives decides who is responsible: staff are told while they write the postcode down.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAccount } from './account.ts';
import { program, type Server, startServer } from './server.ts';
import { expectSound } from './sound.ts';
import { expect, test } from './test.ts';
import { ask, openCase } from './work.ts';

let server: Server;

test.beforeAll(async () => {
  server = await startServer();
  const list = join(server.data, 'offices.csv');
  const rows = ['68161,1,Amt Eins,,,', '69115,2,Amt Zwei,Am Ring 1,06221 1,zwei@example.org', '69115,3,Amt Drei,,,'];
  writeFileSync(list, ['postcode,code,name,address,phone,email', ...rows, ''].join('\n'));
  const run = (...args: string[]) => execFileSync(program(), [...args, '--data', server.data], { stdio: 'ignore' });
  run('territory', 'import', list, '--format', 'csv', '--country', 'DE');
  run('admin', 'set-territory', '1', '--country', 'DE');
});
test.afterAll(() => server.end());

test('a postcode of another authority warns beside the field, names who is responsible, and can be saved', async ({
  page,
}) => {
  await openAccount(page, server);
  const caseId = await openCase(page, { last_name: 'Adler', mobile: '0170 1234567' });
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 });
    await page.goto(`${server.url}/cases/${caseId}?tab=details`);
    const postcode = page.getByLabel('Postcode');
    const said = page.locator('#field-postcode-office');
    await postcode.fill('69115');
    await expect(said).toContainText('Other authorities are responsible here:');
    await expect(said).toContainText('Amt Zwei · Am Ring 1 · 06221 1 · zwei@example.org');
    await expect(said).toContainText('Amt Drei');
    await expect(postcode).toHaveAttribute('aria-describedby', /field-postcode-office/);
    await expectSound(page, `elsewhere at ${width}`);
    await postcode.fill('99999');
    await expect(said).toContainText('The list has no such postcode.');
    await postcode.fill('68161');
    await expect(said).toBeEmpty();
    await postcode.fill('69115');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await expect(page.getByText('Saved', { exact: true })).toBeVisible();
    await expect(said).toContainText('Amt Zwei');
    await postcode.fill('68161');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await expect(page.getByText('Saved', { exact: true })).toBeVisible();
    await expect(said).toBeEmpty();
  }
  const work = await ask<{ details: { postcode: string } }>(page, 'GET', `/cases/${caseId}/work`);
  expect(work.details.postcode).toBe('68161');
});

test('whoever opens a case by hand is told as well', async ({ page, browser }) => {
  await page.goto(`${server.url}/`);
  const { link } = JSON.parse(
    execFileSync(
      program(),
      ['admin', 'create-account', 'kim', '--role', 'case_worker', '--data', server.data, '--json'],
      { encoding: 'utf8' },
    ),
  );
  expect(link).toContain('/invitation#');
  const other = await browser.newPage({ locale: 'en-GB' });
  await openAccount(other, { ...server, invitation: server.url + link });
  await other.goto(`${server.url}/cases/new`);
  await other.getByLabel('Postcode').fill('69115');
  await expect(other.locator('#field-postcode-office')).toContainText('Amt Zwei');
  await other.close();
});
