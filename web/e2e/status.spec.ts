// How the installation stands, as operators see it: what is well, what somebody should look at, and what is away.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { openAccount } from './account.ts';
import { startServer } from './server.ts';
import { expect, test } from './test.ts';

const CELL = {
  looked_at: '2026-12-04T12:00:00Z',
  signs: [
    { kind: 'no_standby_waited_for', verdict: 'broken', about: '', n: null },
    { kind: 'certificate_ends', verdict: 'warning', about: 'app-1.example.org', n: 12 },
    { kind: 'server_silent', verdict: 'warning', about: 'app-2.example.org', n: 300 },
    { kind: 'backup_late', verdict: 'warning', about: '', n: null },
  ],
  servers: ['app-1', 'app-2'].map((name, i) => ({
    server_id: `019cab00-0000-7000-8000-00000000000${i}`,
    name: `${name}.example.org`,
    version: '0.1.0',
    started_at: '2026-12-01T08:00:00Z',
    seen_at: '2026-12-04T11:59:50Z',
    state: i === 0 ? 'serving' : 'silent',
    answers: i === 0,
    certificate_until: '2026-12-16T00:00:00Z',
    clock_ahead_ms: i === 0 ? 3 : -2_500,
    disk_free_bytes: 42_000_000_000,
    has_keys: true,
  })),
  database: {
    kind: 'postgresql',
    version: '15.18',
    schema_version: 40,
    n_bytes: 12_300_000_000,
    waits_for: '',
    standbys: [
      { name: 'db-2.example.org', state: 'streaming', is_waited_for: false, lag_bytes: 0, lag_ms: null },
      { name: 'db-3.example.org', state: 'catchup', is_waited_for: false, lag_bytes: 20_000_000, lag_ms: 12_000 },
    ],
    archived_at: null,
    pools: [{ name: 'app', in_use: 3, idle: 5, most: 16 }],
  },
  event_log: { kind: 'brokers', answers: true, n_partitions: 12, n_waiting: 1_234, n_lost: 0, n_put_aside: 2 },
  work: {
    n_jobs_waiting: 1,
    n_jobs_running: 2,
    n_jobs_failed: 0,
    oldest_job_s: 30,
    n_mails_waiting: 4,
    n_mails_failed: 1,
    n_mails_held: 0,
    oldest_mail_s: null,
    n_days_open: 2,
  },
  backup_at: null,
  retention_at: '2026-12-04T01:00:00Z',
};

async function noFault(page: Page, what: string) {
  const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
  expect(found.violations, what).toEqual([]);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(sideways, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
}

test('an operator sees how the installation stands, from the settings, by keyboard', async ({ page }) => {
  const server = await startServer();
  await openAccount(page, server);
  await page.goto(`${server.url}/settings`);
  await page.getByRole('link', { name: 'How it stands' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'How it stands' })).toBeFocused();
  const servers = page.getByRole('region', { name: 'Servers' });
  await expect(servers.getByRole('row').nth(1)).toContainText('this one');
  await expect(page.getByRole('region', { name: 'What to look at' })).toContainText('No backup is noted.');
  await expect(page.getByRole('region', { name: 'Database' })).toContainText('SQLite');
  await page.getByRole('button', { name: 'Look again' }).press('Enter');
  await expect(page.getByText(/^Looked at/)).toBeVisible();
  await server.end();
});

for (const [width, language] of [
  [1280, 'en'],
  [390, 'en'],
  [390, 'de'],
] as const) {
  test(`a cell with faults is shown with what to do, ${width} px, ${language}`, async ({ desk, demo }) => {
    await desk.setViewportSize({ width, height: 900 });
    await desk.route('**/api/v1/status', (route) => route.fulfill({ json: CELL }));
    if (language === 'de') {
      await desk.goto(`${demo.url}/settings`);
      await desk.getByLabel('Deutsch').check();
    }
    await desk.goto(`${demo.url}/settings/status`);
    const look = desk.getByRole('region', { name: language === 'en' ? 'What to look at' : 'Was anzusehen ist' });
    const items = look.getByRole('listitem');
    await expect(items).toHaveCount(4);
    const [first, second] =
      language === 'en'
        ? ['No commit waits for a standby', 'app-1.example.org: The certificate ends in 12 days.']
        : ['Auf keine Kopie wird gewartet', 'app-1.example.org: Das Zertifikat läuft in 12 Tagen ab.'];
    await expect(items.nth(0)).toContainText(first);
    await expect(items.nth(0)).toContainText('patronictl edit-config');
    await expect(items.nth(1)).toContainText(second);
    await noFault(desk, `${width} ${language}`);
    if (language === 'de') {
      await desk.goto(`${demo.url}/settings`);
      await desk.getByLabel('English').check();
    }
  });
}

test('where all is well it says so', async ({ desk, demo }) => {
  await desk.route('**/api/v1/status', (route) => route.fulfill({ json: { ...CELL, signs: [] } }));
  await desk.goto(`${demo.url}/settings/status`);
  await expect(desk.getByText('Nothing: all that can be seen is well.')).toBeVisible();
});

test('what can’t be read is said, and what was read stays', async ({ desk, demo }) => {
  let away = true;
  const problem = { type: '/problems/unavailable', title: 'Not possible right now', status: 503, errors: [] };
  await desk.route('**/api/v1/status', (route) =>
    away
      ? route.fulfill({
          status: 503,
          contentType: 'application/problem+json',
          json: { ...problem, request_id: 'f00d' },
        })
      : route.fulfill({ json: CELL }),
  );
  await desk.goto(`${demo.url}/settings/status`);
  await expect(desk.getByText(/how the installation stands/)).toBeVisible();
  away = false;
  await desk.getByRole('button', { name: 'Try again' }).click();
  await expect(desk.getByRole('region', { name: 'Servers' })).toBeVisible();
  away = true;
  await desk.getByRole('button', { name: 'Look again' }).click();
  await expect(desk.getByText(/As of .* Reconnecting\./)).toBeVisible();
  await expect(desk.getByRole('region', { name: 'Servers' })).toBeVisible();
});
