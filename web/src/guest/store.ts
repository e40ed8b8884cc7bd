// What this phone keeps: visits until their day of deletion, the guest's own details if they wish, what the door said last.
// Where the browser keeps nothing (a private window, a full disk, a browser that never answers), it stays in the page.

const NAME = 'epitrace-guest';
const OPEN_LIMIT_MS = 1_000;
export type Shelf = 'visits' | 'kept';

export type Store = {
  /** Whether it outlives the page. */
  keeps: boolean;
  all: <T>(shelf: Shelf) => Promise<T[]>;
  get: <T>(shelf: Shelf, key: string) => Promise<T | null>;
  put: (shelf: Shelf, key: string, value: unknown) => Promise<void>;
  remove: (shelf: Shelf, key: string) => Promise<void>;
};

export function inMemory(): Store {
  const shelves = { visits: new Map<string, unknown>(), kept: new Map<string, unknown>() };
  return {
    keeps: false,
    all: async <T>(shelf: Shelf) => [...shelves[shelf].values()] as T[],
    get: async <T>(shelf: Shelf, key: string) => (shelves[shelf].get(key) as T | undefined) ?? null,
    put: async (shelf, key, value) => void shelves[shelf].set(key, value),
    remove: async (shelf, key) => void shelves[shelf].delete(key),
  };
}

const done = <T>(request: IDBRequest<T>) =>
  new Promise<T>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    // Some browsers never answer the first time; the guest at the door does not wait for them.
    setTimeout(() => reject(new Error('the browser does not open its store')), OPEN_LIMIT_MS);
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('visits');
      request.result.createObjectStore('kept');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function onDisk(database: IDBDatabase): Store {
  const at = (shelf: Shelf, mode: IDBTransactionMode) => database.transaction(shelf, mode).objectStore(shelf);
  const written = (shelf: Shelf, change: (store: IDBObjectStore) => void) =>
    new Promise<void>((resolve, reject) => {
      const transaction = database.transaction(shelf, 'readwrite');
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
      change(transaction.objectStore(shelf));
    });
  return {
    keeps: true,
    all: async <T>(shelf: Shelf) => (await done(at(shelf, 'readonly').getAll())) as T[],
    get: async <T>(shelf: Shelf, key: string) =>
      ((await done(at(shelf, 'readonly').get(key))) as T | undefined) ?? null,
    put: (shelf, key, value) => written(shelf, (store) => store.put(value, key)),
    remove: (shelf, key) => written(shelf, (store) => store.delete(key)),
  };
}

/** Opens what the browser keeps, else what the page keeps. */
export async function openStore(): Promise<Store> {
  try {
    return onDisk(await opened());
  } catch {
    return inMemory();
  }
}
