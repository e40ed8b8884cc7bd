// The service worker of `/g/`: keeps the files of the page, so that it opens where there is no signal. Which files, and the
// version that they are, the build writes in.

type WorkerEvent = { waitUntil: (work: Promise<unknown>) => void };
type FetchEventOf = WorkerEvent & { request: Request; respondWith: (answer: Promise<Response>) => void };
type GuestWorker = {
  addEventListener: {
    (kind: 'install' | 'activate', on: (event: WorkerEvent) => void): void;
    (kind: 'fetch', on: (event: FetchEventOf) => void): void;
    (kind: 'message', on: (event: { data: unknown }) => void): void;
  };
  skipWaiting: () => Promise<void>;
  clients: { claim: () => Promise<void> };
  location: Location;
};
declare const FILES: string[];
declare const VERSION: string;

const worker = self as unknown as GuestWorker;
const PREFIX = 'guest-';
const PAGE = '/g/';

worker.addEventListener('install', (event) => {
  const fill = async () => {
    const cache = await caches.open(PREFIX + VERSION);
    // All or none: a file that fails leaves the version before in its place. The page itself always comes anew.
    await Promise.all([cache.add(new Request(PAGE, { cache: 'reload' })), cache.addAll(FILES)]);
  };
  event.waitUntil(fill());
});

worker.addEventListener('activate', (event) => {
  const clear = async () => {
    // The version before stays: a page of it may be on its way.
    const old = (await caches.keys()).filter((name) => name.indexOf(PREFIX) === 0 && name !== PREFIX + VERSION);
    await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
    await worker.clients.claim();
  };
  event.waitUntil(clear());
});

// A page that has loaded all of its files lets the next version take over.
worker.addEventListener('message', (event) => {
  if (event.data === 'take-over') void worker.skipWaiting();
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin || url.pathname.indexOf(PAGE) !== 0) return;
  event.respondWith(request.mode === 'navigate' ? page(request) : file(request));
});

async function page(request: Request): Promise<Response> {
  const cache = await caches.open(PREFIX + VERSION);
  return (await cache.match(PAGE)) || fetch(request);
}

async function file(request: Request): Promise<Response> {
  return (await caches.match(request)) || fetch(request);
}
