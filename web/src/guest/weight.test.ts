import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { beforeAll, expect, test, vi } from 'vitest';

/** All that a phone loads of this page, ever, compressed. */
const MOST_BYTES = 50_000;
const PUBLIC = 'src/guest/public';

let built: Rolldown.OutputBundle[string][] = [];
beforeAll(async () => {
  // As it is built for a phone, not for a test.
  vi.stubEnv('NODE_ENV', 'production');
  const made = await build({ configFile: 'vite.guest.config.ts', logLevel: 'silent', build: { write: false } });
  built = [...(made as Rolldown.RolldownOutput).output];
}, 60_000);

const contentOf = (file: Rolldown.OutputBundle[string]) => (file.type === 'chunk' ? file.code : file.source);

test('page, script, style, worker, manifest and icons weigh less than 50 kB', () => {
  const kept = readdirSync(PUBLIC).map((name) => readFileSync(`${PUBLIC}/${name}`));
  const bytes = [...built.map(contentOf), ...kept].map((content) => gzipSync(content, { level: 9 }).byteLength);
  expect(bytes.length).toBe(7);
  expect(bytes.reduce((sum, n) => sum + n, 0)).toBeLessThan(MOST_BYTES);
});

test('the script is one file, which loads no other', () => {
  const scripts = built.filter((file) => file.type === 'chunk');
  expect(scripts.map(({ imports, dynamicImports }) => [...imports, ...dynamicImports])).toEqual([[]]);
  const own = Object.keys(scripts[0]?.modules ?? {}).filter(
    (id) => id.includes('/src/') && !id.includes('node_modules'),
  );
  expect(own.filter((id) => !/\/src\/guest\/|\.css$/.test(id))).toEqual([]);
});

test('the worker keeps all that the page loads', () => {
  const worker = String(built.filter(({ fileName }) => fileName === 'sw.js').map(contentOf));
  for (const { fileName } of built) {
    if (!['sw.js', 'index.html'].includes(fileName)) expect(worker).toContain(`/g/${fileName}`);
  }
  expect(worker).not.toMatch(/FILES|VERSION/);
});
