// The map alone, with a run that no server made: many nodes, keys, fingers, a card that goes away, reports that are late.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { answerRuns, goOn, makeUp, sayLate } from './made-up-run.ts';
import { expect, test } from './test.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
const field = (page: Page) => page.getByRole('application');
const slider = (page: Page) => page.getByRole('slider', { name: 'Time in the run' });
const drawn = (page: Page) => page.locator('canvas').evaluate((canvas) => Number(canvas.dataset.drawn ?? 0));
const panel = (page: Page) => page.getByRole('region', { name: 'Picked node' });
const dd = (page: Page, index: number) =>
  page
    .getByRole('region', { name: /^Numbers/ })
    .getByRole('definition')
    .nth(index);
/** Whether a susceptible node can be seen: what was drawn is in the picture of the page alone. */
async function isSeen(page: Page): Promise<boolean> {
  const png = await page.locator('canvas').screenshot();
  return page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    const draw = canvas.getContext('2d');
    draw?.drawImage(image, 0, 0);
    const pixels = draw?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
    for (let at = 0; at < pixels.length; at += 4) {
      const [red = 0, green = 0, blue = 0] = pixels.subarray(at, at + 3);
      if (Math.abs(red - 0x56) + Math.abs(green - 0xb4) + Math.abs(blue - 0xe9) < 12) return true;
    }
    return false;
  }, png.toString('base64'));
}

test('20,000 nodes are drawn, and the page answers while they move', async ({ page, demo }) => {
  const made = makeUp({ nNodes: 20_000, seconds: 6, width: 3_000, height: 1_600 });
  const sockets = await answerRuns(page, [made]);
  await page.goto(`${demo.url}/runs/${made.run.run_id}`);
  await expect(dd(page, 0)).toHaveText('20,000');
  const before = await drawn(page);
  const label = await field(page).getAttribute('aria-label');
  await field(page).focus();
  for (const key of ['+', '+', 'ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown', '0']) {
    const count = await drawn(page);
    await page.keyboard.press(key);
    await expect.poll(() => drawn(page), { message: `after ${key}` }).toBeGreaterThan(count);
  }
  for (let second = 7; second < 12; second += 1) goOn(sockets.at(-1), made, second);
  await expect(field(page)).not.toHaveAttribute('aria-label', label ?? '');
  await expect(slider(page)).toHaveAttribute('aria-valuenow', '11');
  expect(await drawn(page)).toBeGreaterThan(before + 7);
});

test('the map is gone through with keys and with a mouse', async ({ page, demo }) => {
  const made = makeUp({ nNodes: 60, seconds: 130, width: 100, height: 60 });
  await answerRuns(page, [made]);
  await page.goto(`${demo.url}/runs/${made.run.run_id}`);
  await expect(dd(page, 0)).toHaveText('60');
  await field(page).focus();
  await page.keyboard.press('Enter');
  await expect(panel(page)).toBeVisible();
  const name = await panel(page).getByRole('heading', { level: 2 }).innerText();
  await page.keyboard.press('n');
  await expect(panel(page).getByRole('heading', { level: 2 })).not.toHaveText(name);
  await page.keyboard.press('p');
  await expect(panel(page).getByRole('heading', { level: 2 })).toHaveText(name);
  await page.keyboard.press('Escape');
  await expect(panel(page)).toHaveCount(0);

  await slider(page).focus();
  await page.keyboard.press('Home');
  await expect(slider(page)).toHaveAttribute('aria-valuenow', '0');
  await slider(page).blur();
  await page.keyboard.press('ArrowRight');
  await expect(slider(page)).toHaveAttribute('aria-valuenow', '1');
  await page.keyboard.press(' ');
  await expect(page.getByRole('button', { name: 'Stop playing' })).toBeVisible();
  await expect(slider(page)).toHaveAttribute('aria-valuenow', '3');
  await page.keyboard.press(' ');
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await page.keyboard.press('l');
  await expect(slider(page)).toHaveAttribute('aria-valuenow', '130');

  // A node is where the picture says: the field is fitted with a margin of 24 pixels.
  const box = await field(page).boundingBox();
  if (!box) throw new Error('the map has no place');
  const step = Math.min((box.width - 48) / 100, (box.height - 48) / 60);
  const nodes = made.nodes(130);
  const alone = nodes.find((node) =>
    nodes.every((other) => other === node || Math.hypot(other.x - node.x, other.y - node.y) > 3),
  );
  if (!alone) throw new Error('everybody stands in a crowd');
  const at = { x: box.width / 2 + (alone.x - 50) * step, y: box.height / 2 - (alone.y - 30) * step };
  await field(page).click({ position: at });
  await expect(panel(page).getByRole('heading', { name: `Node ${alone.no}`, exact: true })).toBeVisible();
});

test('late reports and a stream that breaks are told calmly, and nobody turns silent meanwhile', async ({
  page,
  demo,
}) => {
  const made = makeUp({ nNodes: 50, seconds: 20, width: 100, height: 60 });
  let isAway = false;
  const sockets = await answerRuns(page, [made], () => isAway);
  await page.goto(`${demo.url}/runs/${made.run.run_id}`);
  await expect(dd(page, 0)).toHaveText('50');
  const notice = page.getByText(/^As of \d\d:\d\d:\d\d\. Reconnecting; nothing is lost\.$/);
  await expect(notice).toHaveCount(0);
  sayLate(sockets.at(-1), { ...made, seconds: 60 }, true);
  await expect(notice).toBeVisible();
  await expect(field(page)).toHaveAttribute('aria-label', /, 0 silent$/);
  sayLate(sockets.at(-1), { ...made, seconds: 60 }, false);
  await expect(notice).toHaveCount(0);
  await expect(field(page)).toHaveAttribute('aria-label', /, 50 silent$/);
  isAway = true;
  await sockets.at(-1)?.close();
  await expect(notice).toBeVisible();
  await expect(dd(page, 0)).toHaveText('50');
  isAway = false;
  await expect(notice).toHaveCount(0, { timeout: 30_000 });
  await expect(dd(page, 0)).toHaveText('50');
});

test('a graphics card that goes away and comes back is no matter', async ({ page, demo }) => {
  const made = makeUp({ nNodes: 200, seconds: 5, width: 100, height: 60 });
  await answerRuns(page, [made]);
  await page.goto(`${demo.url}/runs/${made.run.run_id}`);
  await expect(dd(page, 0)).toHaveText('200');
  await expect.poll(() => isSeen(page)).toBe(true);
  const restore = await page.locator('canvas').evaluateHandle((canvas: HTMLCanvasElement) => {
    const lose = canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context');
    lose?.loseContext();
    return () => lose?.restoreContext();
  });
  await expect.poll(() => isSeen(page)).toBe(false);
  await restore.evaluate((again) => again());
  await expect.poll(() => isSeen(page)).toBe(true);
});

test('without WebGL 2 the numbers and the time still work', async ({ page, demo }) => {
  await page.addInitScript(() => {
    const before = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
      return kind === 'webgl2' ? null : Reflect.apply(before, this, [kind, ...rest]);
    } as typeof before;
  });
  const made = makeUp({ nNodes: 30, seconds: 20, width: 100, height: 60 });
  await answerRuns(page, [made]);
  await page.goto(`${demo.url}/runs/${made.run.run_id}`);
  await expect(page.getByText('This browser cannot draw the map')).toBeVisible();
  await expect(dd(page, 0)).toHaveText('30');
  await slider(page).focus();
  await page.keyboard.press('Home');
  await expect(dd(page, 1)).toHaveText(String(made.counted(0).zombies));
});

for (const size of [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
]) {
  test(`nothing covers anything else at ${size.width}`, async ({ page, demo }) => {
    await page.setViewportSize(size);
    const [one, other] = ['a', 'b'].map((end) =>
      makeUp({
        id: `01900000-0000-7000-8000-00000000000${end}`,
        name: `Run ${end}`,
        nNodes: 80,
        seconds: 130,
        width: 100,
        height: 60,
      }),
    );
    if (!one || !other) throw new Error('two were to be made');
    const sockets = await answerRuns(page, [one, other]);
    for (const address of [one.run.run_id, `${one.run.run_id}?beside=${other.run.run_id}`]) {
      await page.goto(`${demo.url}/runs/${address}`);
      await expect(dd(page, 0)).toHaveText('80');
      sayLate(sockets.at(-1), one, true);
      await expect(page.getByText(/^As of /).first()).toBeVisible();
      const controls = await page.locator('button:visible, a:visible, dl:visible, .stale:visible').all();
      const boxes = await Promise.all(controls.map((control) => control.boundingBox()));
      for (const [i, a] of boxes.entries()) {
        for (const b of boxes.slice(i + 1)) {
          if (!a || !b) continue;
          const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
          expect(apart, `${JSON.stringify(a)} and ${JSON.stringify(b)}`).toBe(true);
        }
      }
      for (const box of boxes) expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(size.width);
      await page.getByRole('button', { name: 'Pick a node' }).first().click();
      await expect(panel(page).getByRole('button', { name: 'Close' })).toBeVisible();
      const found = await new AxeBuilder({ page }).withTags(RULES).analyze();
      expect(found.violations, address).toEqual([]);
    }
  });
}

test('two fingers zoom, one finger moves', async ({ browser, demo }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, locale: 'en-GB' });
  const page = await context.newPage();
  const made = makeUp({ nNodes: 40, seconds: 10, width: 100, height: 60 });
  await answerRuns(page, [made]);
  await page.goto(`${demo.url}/runs/${made.run.run_id}`);
  await expect(dd(page, 0)).toHaveText('40');
  const edge = page.locator('.edge');
  const width = async () => Number(await edge.getAttribute('width'));
  const touch = await context.newCDPSession(page);
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: [number, number][]) =>
    touch.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  const first = await width();
  await send('touchStart', [
    [180, 300],
    [210, 300],
  ]);
  await send('touchMove', [
    [120, 300],
    [270, 300],
  ]);
  await send('touchEnd', []);
  await expect.poll(width).toBeGreaterThan(2 * first);
  const x = await edge.getAttribute('x');
  await send('touchStart', [[200, 300]]);
  await send('touchMove', [[260, 330]]);
  await send('touchEnd', []);
  await expect(edge).not.toHaveAttribute('x', x ?? '');
  await expect(panel(page)).toHaveCount(0);
  await context.close();
});
