// Loads the page in Chromium and prints, as JSON, what it weighs or how soon its first list is there.
// usage: node web/bench/load.mjs weight|first-list ADDRESS ROUNDS
import { chromium } from '@playwright/test';

const [what, base, rounds] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });

async function signedIn() {
  const context = await browser.newContext();
  const { demo } = await (await context.request.get(`${base}/api/v1/sign-in`)).json();
  const { user_name, password } = demo;
  const data = { authority: null, user_name, password, code: null };
  const answer = await context.request.post(`${base}/api/v1/session`, { data });
  if (!answer.ok()) throw new Error(`sign-in: ${answer.status()}`);
  return context.storageState();
}

/** Milliseconds until something is to be seen, nothing being in the cache. */
async function until(storageState, path, locate) {
  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  const begun = performance.now();
  await page.goto(base + path, { waitUntil: 'commit' });
  await locate(page).waitFor();
  const ms = performance.now() - begun;
  await context.close();
  return ms;
}

async function weight() {
  const context = await browser.newContext();
  const page = await context.newPage();
  let bytes = 0;
  let files = 0;
  page.on('requestfinished', async (request) => {
    if (request.url().includes('/api/')) return;
    files += 1;
    bytes += (await request.sizes()).responseBodySize;
  });
  await page.goto(base, { waitUntil: 'networkidle' });
  await page.getByRole('heading', { level: 1 }).waitFor();
  await context.close();
  return { bytes, files };
}

async function firstList() {
  const state = await signedIn();
  const list_ms = [];
  const heading_ms = [];
  for (let round = 0; round < Number(rounds); round += 1) {
    list_ms.push(await until(state, '/cases', (page) => page.getByRole('row').nth(1)));
    heading_ms.push(await until(undefined, '/', (page) => page.getByRole('heading', { level: 1 })));
  }
  return { list_ms, heading_ms };
}

console.log(JSON.stringify(await (what === 'weight' ? weight() : firstList())));
await browser.close();
