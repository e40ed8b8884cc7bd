// Opens the page of guests as an old phone on a poor network would: a processor slowed to a sixth, 400 kbit/s, 150 ms of way.
// Prints, as JSON, milliseconds from the scan until the first frame with a field to type into: the first time, and again with
// the page kept on the phone; and how many bytes and files the first time took.
// The door's answer comes from here, so that any server will do, also one without venues.
// usage: node web/bench/guest.mjs ADDRESS ROUNDS
import { chromium } from '@playwright/test';

const SLOWER = 6;
const NETWORK = { offline: false, latency: 150, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 };
const AT = '/g/MA/7K3M9QX2AB#name=Caf%C3%A9%20Rosa';

const DOOR = {
  authority: { short_code: 'MA', name: 'Mannheim', time_zone: 'Europe/Berlin', languages: ['de'] },
  venue: {
    venue_id: '7K3M9QX2AB',
    name: 'Café Rosa',
    areas: [],
    open: true,
    closes_at: null,
    usual_stay_min: 90,
    asks_address: 'no',
    confirms_by_staff: false,
  },
  now: new Date().toISOString(),
};

const [base, rounds] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const figures = { first_ms: [], again_ms: [], bytes: 0, files: 0 };

/** In the page: notes when the first frame with the field was drawn, which is when somebody could tap it. */
function noteField() {
  const look = () => {
    if (!document.getElementById('name-0')) return requestAnimationFrame(look);
    return requestAnimationFrame(() => {
      document.documentElement.dataset.ready = String(performance.now());
    });
  };
  look();
}

/** Opens the page, types, and gives the milliseconds until the letter is there. */
async function open(context, watch) {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', NETWORK);
  watch?.(page);
  await page.addInitScript(noteField);
  await page.goto(base + AT, { waitUntil: 'commit' });
  const name = page.locator('#name-0');
  await name.pressSequentially('M');
  if ((await name.inputValue()) !== 'M') throw new Error('the letter is not there');
  const ms = await page.evaluate(() => Number(document.documentElement.dataset.ready));
  await session.send('Network.emulateNetworkConditions', {
    ...NETWORK,
    downloadThroughput: -1,
    uploadThroughput: -1,
    latency: 0,
  });
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await session.detach();
  await page.close();
  return ms;
}

for (let round = 0; round < Number(rounds); round += 1) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  await context.route('**/api/v1/guest/**', (route) => route.fulfill({ json: DOOR }));
  const loaded = [];
  const first = await open(context, (page) => page.on('requestfinished', (request) => loaded.push(request.sizes())));
  figures.first_ms.push(Math.round(first));
  figures.files = loaded.length;
  figures.bytes = (await Promise.all(loaded)).reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
  figures.again_ms.push(Math.round(await open(context)));
  await context.close();
}
console.log(JSON.stringify(figures));
await browser.close();
