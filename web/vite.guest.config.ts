// The page of guests: a bundle of its own below `/g/`, which shares no file with the other pages, small enough for an old
// phone on a poor network, and with the service worker that keeps it.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, minify, type Plugin, transformWithOxc } from 'vite';

const WORKER = 'src/guest/worker.ts';
/** What is kept beside what the build makes. */
const KEPT = ['/g/manifest.webmanifest', '/g/icon-192.png', '/g/icon.svg'];

/** Parts of Svelte that would stay in the bundle, although nothing here uses them. */
const UNUSED =
  /svelte\/src\/(legacy|internal\/client\/dom\/elements\/custom-element|internal\/disclose-version|version)/;

/** Writes the names of all files, and a version that changes with any of them, into the service worker. */
function serviceWorker(): Plugin {
  return {
    name: 'guest-service-worker',
    apply: 'build',
    async generateBundle(_, bundle) {
      const files = Object.keys(bundle).filter((name) => name !== 'index.html');
      const hash = createHash('sha256');
      for (const name of Object.keys(bundle).sort()) {
        const made = bundle[name];
        hash.update(name).update(made?.type === 'chunk' ? made.code : (made?.source ?? ''));
      }
      const source = readFileSync(new URL(WORKER, import.meta.url), 'utf8');
      for (const name of KEPT) hash.update(readFileSync(new URL(`src/guest/public/${name.slice(3)}`, import.meta.url)));
      const define = {
        FILES: JSON.stringify([...files.map((name) => `/g/${name}`), ...KEPT]),
        VERSION: JSON.stringify(hash.update(source).digest('hex').slice(0, 12)),
      };
      const { code } = await transformWithOxc(source, WORKER, { define, target: 'es2018' });
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: (await minify('sw.js', code)).code });
    },
  };
}

export default defineConfig({
  root: 'src/guest',
  base: '/g/',
  plugins: [svelte({ configFile: false, preprocess: vitePreprocess() }), serviceWorker()],
  build: {
    outDir: '../../dist/g',
    emptyOutDir: true,
    // Phones of 2020 and some older.
    target: ['es2019', 'chrome73', 'safari13'],
    // Older ones get words for each reading direction, which double the file.
    cssTarget: ['chrome80', 'safari14'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { treeshake: { moduleSideEffects: (id) => !UNUSED.test(id) } },
  },
});
