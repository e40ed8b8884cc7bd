// Pictures of each view for the documentation, taken only when they are asked for.

import { join } from 'node:path';
import { expect, test } from './test.ts';

const FOLDER = join(import.meta.dirname, '../../docs/screens');
const VIEWS = ['cases', 'outbreak', 'import', 'audit', 'accounts', 'settings'];

test.skip(process.env.EPITRACE_SCREENS !== '1', 'EPITRACE_SCREENS=1 takes the pictures');

test('each view at the size of a desk and of a phone', async ({ desk, demo }) => {
  for (const [width, height] of [
    [1280, 832],
    [390, 844],
  ] as const) {
    await desk.setViewportSize({ width, height });
    for (const view of VIEWS) {
      await desk.goto(`${demo.url}/${view}`);
      await expect(desk.getByRole('heading', { level: 1 })).toBeVisible();
      await desk.waitForLoadState('networkidle');
      await desk.screenshot({ path: join(FOLDER, `${view}-${width}.png`) });
    }
    await desk.getByRole('combobox', { name: 'Name or reference' }).fill('SK_14');
    await desk.getByRole('option', { name: /^SK_14 / }).click();
    await desk
      .getByRole('button', { name: /^How the score of/ })
      .first()
      .click();
    await desk.screenshot({ path: join(FOLDER, `case-${width}.png`) });
  }
});
