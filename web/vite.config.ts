import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// The server that `npm run dev` talks to; `epitrace serve` listens here unless told otherwise.
const server = process.env.EPITRACE_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: 'dist',
    target: 'es2022',
    // Nothing is inlined: the server's content security policy allows files of its own only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Staff, patients, venues and whoever hands in a list have pages of their own: who enrols on a telephone loads nothing
    // of the staff's.
    rolldownOptions: {
      input: { index: 'index.html', patient: 'patient.html', venue: 'venue.html', 'hand-in': 'hand-in.html' },
    },
  },
  server: { proxy: { '/api': server, '/health': server } },
  test: { include: ['src/**/*.test.ts'] },
});
