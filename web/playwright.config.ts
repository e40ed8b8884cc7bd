import { defineConfig } from '@playwright/test';

const chromium = process.env.EPITRACE_CHROMIUM ?? '/usr/bin/chromium';

export default defineConfig({
  testDir: 'e2e',
  forbidOnly: true,
  fullyParallel: false,
  workers: 1,
  retries: 0,
  reporter: 'list',
  timeout: 60_000,
  use: {
    locale: 'en-GB',
    timezoneId: 'UTC',
    // Maps are drawn without a graphics card.
    launchOptions: {
      executablePath: chromium,
      args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
    },
  },
  projects: [
    { name: 'desk', use: { viewport: { width: 1280, height: 832 } } },
    { name: 'phone', use: { viewport: { width: 390, height: 844 }, hasTouch: true }, testMatch: /axe\.spec/ },
  ],
});
