import { expect, test } from './test.ts';

test('on paper stands what was read, not what was pressed, dark on white', async ({ desk, demo }) => {
  await desk.emulateMedia({ colorScheme: 'dark' });
  await desk.goto(`${demo.url}/outbreak`);
  await expect(desk.getByRole('heading', { name: 'Chains' })).toBeVisible();
  await desk.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await expect(desk.getByRole('heading', { name: 'Cases by onset' })).toBeVisible();
  for (const hidden of [
    desk.getByRole('navigation', { name: 'Main' }),
    desk.getByRole('combobox', { name: 'Name or reference' }),
    desk.getByRole('button', { name: 'Copy link to this view' }),
    desk.getByRole('button', { name: 'Chains: save as PNG' }),
  ]) {
    await expect(hidden).toBeHidden();
  }
  const [text, paper] = await desk.evaluate(() => {
    const style = getComputedStyle(document.body);
    return [style.color, style.backgroundColor];
  });
  expect(text).toBe('rgb(22, 22, 26)');
  expect(paper).toBe('rgb(255, 255, 255)');
});

test('nothing moves where reduced motion is asked', async ({ desk, demo }) => {
  await desk.emulateMedia({ reducedMotion: 'reduce' });
  await desk.goto(`${demo.url}/outbreak`);
  await expect(desk.getByRole('heading', { name: 'Chains' })).toBeVisible();
  const moving = await desk.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter((one) => {
        const style = getComputedStyle(one);
        return style.animationName !== 'none' || Number.parseFloat(style.transitionDuration) > 0;
      }).length,
  );
  expect(moving).toBe(0);
});
