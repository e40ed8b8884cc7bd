// The live map against a server: a run is made, looked at, held, gone through, shown to the public.

import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import type { Run, RunStatistics } from '../src/runs/types.ts';
import { openAccount } from './account.ts';
import { startServer } from './server.ts';
import { expect, test } from './test.ts';
import { ask, newId } from './work.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];

const slider = (page: Page) => page.getByRole('slider', { name: 'Time in the run' });
const secondNow = async (page: Page) => Number(await slider(page).getAttribute('aria-valuenow'));
const map = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

/** The four numbers: nodes, infected, dead, dead while infected. */
async function numbers(within: Page | Locator): Promise<number[]> {
  const texts = await within
    .getByRole('region', { name: /^Numbers/ })
    .getByRole('definition')
    .allInnerTexts();
  return texts.map((text) => Number(text.replaceAll(',', '')));
}
async function fits(page: Page, what: string) {
  const found = await new AxeBuilder({ page }).withTags(RULES).analyze();
  expect(found.violations, what).toEqual([]);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(sideways, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
}
/** Makes a run as the page would. A second of it is short, so that nobody has to wait. */
async function makeRun(page: Page, name: string, change: object = {}): Promise<string> {
  const run = await ask<Run>(page, 'POST', '/runs', {
    run_id: newId(),
    name,
    visibility: 'staff',
    second_ms: 50,
    nodes: { safe: 18, infected: 2 },
    parameters: { lifetime_s: 100_000, infection_radius: 5, seed: 7 },
    ...change,
  });
  return run.run_id;
}
async function reaches(page: Page, second: number) {
  await expect.poll(() => secondNow(page), { timeout: 30_000 }).toBeGreaterThanOrEqual(second);
}

test('a run is made, moves, and can be gone through second by second', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/runs`);
  await desk.getByRole('link', { name: 'Live map' }).click();
  await expect(desk.getByRole('heading', { level: 1, name: 'Live map' })).toBeVisible();
  await desk.getByRole('button', { name: 'New run' }).first().click();
  const dialog = desk.getByRole('dialog', { name: 'New run' });
  await dialog.getByLabel('Width of the field, in steps').fill('0');
  await dialog.getByRole('button', { name: 'Start the run' }).click();
  await expect(dialog.getByText('Give it a name of at most 80 characters.')).toBeVisible();
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await expect(dialog.getByText('A whole number from 1 to 65,535.')).toBeVisible();
  await fits(desk, 'a new run with faults');
  await dialog.getByLabel('Name').fill('Twenty');
  await dialog.getByLabel('Width of the field, in steps').fill('60');
  await dialog.getByLabel('Height of the field, in steps').fill('60');
  await dialog.getByLabel('Susceptible nodes').fill('18');
  await dialog.getByLabel('Infected nodes').fill('2');
  await dialog.getByLabel('Infection radius, in steps').fill('6');
  await dialog.getByLabel('Seconds a node lives').fill('100000');
  await dialog.getByLabel('Length of a second, in milliseconds').fill('50');
  await dialog.getByRole('button', { name: 'Start the run' }).click();

  await expect(map(desk, 'Twenty')).toBeVisible();
  await expect.poll(() => numbers(desk).then(([total]) => total)).toBe(20);
  await reaches(desk, 60);
  await expect.poll(() => numbers(desk).then(([, infected]) => infected), { timeout: 30_000 }).not.toBe(2);

  const runId = new URL(desk.url()).pathname.split('/').at(-1) ?? '';
  await slider(desk).focus();
  for (const keys of [['Home'], ['PageUp'], ['PageUp', 'ArrowRight'], ['PageUp', 'PageUp', 'ArrowLeft']]) {
    for (const key of keys) await desk.keyboard.press(key);
    const at = await secondNow(desk);
    const { total, zombies, deaths, dead_zombies } = await ask<RunStatistics>(
      desk,
      'GET',
      `/runs/${runId}/statistics?at=${at}`,
    );
    await expect.poll(() => numbers(desk), { message: `second ${at}` }).toEqual([total, zombies, deaths, dead_zombies]);
  }
  expect(await secondNow(desk)).toBe(40);

  await desk.getByRole('button', { name: 'Speed: 1 times' }).click();
  await desk.getByRole('button', { name: 'Play', exact: true }).click();
  await reaches(desk, 45);
  await desk.getByRole('button', { name: 'Live', exact: true }).click();
  await reaches(desk, 61);
});

test('a run is held, gets another node, and one node is looked at', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/runs`);
  const runId = await makeRun(desk, 'To be held');
  await desk.goto(`${demo.url}/runs/${runId}`);
  await expect.poll(() => numbers(desk).then(([total]) => total)).toBe(20);
  await reaches(desk, 30);
  await desk.getByRole('button', { name: 'To be held' }).click();
  const dialog = desk.getByRole('dialog', { name: 'Run: To be held' });
  await dialog.getByLabel('Susceptible').fill('0');
  await dialog.getByRole('button', { name: 'Add nodes' }).click();
  await expect(dialog.getByText('Whole numbers, at least one node in all.')).toBeVisible();
  await dialog.getByLabel('Infected', { exact: true }).fill('1');
  await dialog.getByRole('button', { name: 'Add nodes' }).click();
  await expect(dialog.getByText('1 node is on its way.').first()).toBeVisible();
  await expect.poll(() => numbers(desk).then(([total]) => total), { timeout: 30_000 }).toBe(21);
  await dialog.getByRole('button', { name: 'Pause the run' }).click();
  await expect(dialog.getByText('paused')).toBeVisible();
  await fits(desk, 'what can be done with a run');
  await desk.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);

  await desk.getByRole('button', { name: 'Pick a node' }).click();
  const panel = desk.getByRole('region', { name: 'Picked node' });
  await expect(panel.getByRole('img', { name: 'History of the node by second' })).toBeVisible();
  await panel.getByLabel('Number of the node').fill('999');
  await panel.getByRole('button', { name: 'Show' }).click();
  await expect(panel.getByRole('alert')).toHaveText('There is no node of this number at this second.');
  await panel.getByLabel('Number of the node').fill('3');
  await panel.getByRole('button', { name: 'Show' }).click();
  await expect(panel.getByRole('heading', { name: 'Node 3' })).toBeVisible();
  await panel.getByRole('button', { name: 'Next node' }).click();
  await expect(panel.getByRole('heading', { name: 'Node 4' })).toBeVisible();
  await expect(panel.getByText(/^(susceptible|infected|immune) since second \d+$/)).toBeVisible();
  await fits(desk, 'a picked node');
  await panel.getByRole('button', { name: 'Close' }).click();
  await expect(desk.getByRole('button', { name: 'Pick a node' })).toBeFocused();

  await desk.getByRole('button', { name: 'To be held' }).click();
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Held');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const renamed = desk.getByRole('dialog', { name: 'Run: Held' });
  await renamed.getByRole('button', { name: 'Resume the run' }).click();
  await expect(renamed.getByText('running')).toBeVisible();
  await renamed.getByRole('button', { name: 'End the run' }).click();
  await renamed.getByRole('button', { name: 'End it now' }).click();
  await expect(renamed.getByText('over', { exact: true })).toBeVisible();
  await renamed.getByRole('button', { name: 'Delete the run' }).click();
  await renamed.getByRole('button', { name: 'Delete it now' }).click();
  await expect(desk.getByRole('heading', { level: 1, name: 'Live map' })).toBeVisible();
  await expect(desk.getByRole('link', { name: 'Held' })).toHaveCount(0);
});

test('two runs stand side by side at the same second, on a phone one below the other', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/runs`);
  const one = await makeRun(desk, 'With care', { parameters: { movement: 'careful', lifetime_s: 100_000, seed: 7 } });
  const other = await makeRun(desk, 'Without');
  await desk.goto(`${demo.url}/runs/${one}`);
  await desk.getByRole('button', { name: 'With care' }).click();
  await desk.getByLabel('Beside it').selectOption('Without');
  await expect(desk).toHaveURL(new RegExp(`beside=${other}`));
  await expect(map(desk, 'With care')).toBeVisible();
  await expect(map(desk, 'Without')).toBeVisible();
  await reaches(desk, 40);
  await slider(desk).focus();
  await desk.keyboard.press('Home');
  for (let page = 0; page < 2; page += 1) await desk.keyboard.press('PageUp');
  for (const [id, name] of [
    [one, 'With care'],
    [other, 'Without'],
  ] as const) {
    const { total, zombies, deaths, dead_zombies } = await ask<RunStatistics>(
      desk,
      'GET',
      `/runs/${id}/statistics?at=20`,
    );
    await expect.poll(() => numbers(map(desk, name))).toEqual([total, zombies, deaths, dead_zombies]);
  }
  await fits(desk, 'side by side');
  await desk.setViewportSize({ width: 390, height: 844 });
  const [above, below] = [await map(desk, 'With care').boundingBox(), await map(desk, 'Without').boundingBox()];
  expect(above?.x).toBe(below?.x);
  expect((above?.y ?? 0) + (above?.height ?? 0)).toBeLessThanOrEqual((below?.y ?? 0) + 1);
  await fits(desk, 'one below the other');
});

test('a public run needs no sign-in, any other asks for it', async ({ desk, demo, browser }) => {
  await desk.goto(`${demo.url}/runs`);
  const open = await makeRun(desk, 'For everybody', { visibility: 'anybody' });
  const closed = await makeRun(desk, 'For staff');
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(`${demo.url}/runs`);
  await expect(page.getByRole('link', { name: 'For everybody' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'For staff' })).toHaveCount(0);
  await fits(page, 'public runs');
  await page.getByRole('link', { name: 'For everybody' }).click();
  await expect.poll(() => numbers(page).then(([total]) => total)).toBe(20);
  await fits(page, 'a public map');
  await page.getByRole('button', { name: 'For everybody' }).click();
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Pause the run' })).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Numbers over time' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('switch', { name: 'Realism' }).click();
  await page.goto(`${demo.url}/runs/${open}`);
  await expect(page.getByRole('switch', { name: 'Realism' })).toBeChecked();
  await page.goto(`${demo.url}/runs/${closed}`);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await context.close();
});

test('a server that is killed leaves the last picture, and the map comes back by itself', async ({ page }) => {
  const server = await startServer();
  await openAccount(page, server);
  await page.goto(`${server.url}/runs`);
  const runId = await makeRun(page, 'Through a fall', { visibility: 'anybody' });
  await page.goto(`${server.url}/runs/${runId}`);
  await expect.poll(() => numbers(page).then(([total]) => total)).toBe(20);
  await server.kill();
  const notice = page.getByText(/^As of \d\d:\d\d:\d\d\. Reconnecting; nothing is lost\.$/);
  await expect(notice).toBeVisible();
  expect((await numbers(page))[0]).toBe(20);
  await expect(map(page, 'Through a fall')).toBeVisible();
  await server.restart();
  await expect(notice).toHaveCount(0, { timeout: 60_000 });
  expect((await numbers(page))[0], 'the picture is still there').toBe(20);
  await server.end();
});
