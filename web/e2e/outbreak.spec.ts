import { expect, test } from './test.ts';

test('curve, reproduction number and chains of one place and month: three actions, and the link can be sent', async ({
  desk,
  demo,
  context,
}) => {
  await desk.goto(`${demo.url}/cases`);
  // 1: the outbreak
  await desk.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Outbreak' }).click();
  await expect(desk.getByRole('heading', { name: 'Cases by onset' })).toBeVisible();
  // 2: the place
  const places = desk.getByLabel('Place');
  await expect(places.locator('option')).not.toHaveCount(1);
  await places.selectOption({ index: 1 });
  // 3: the month, drawn over the curve
  const curve = desk.getByRole('img', { name: /^Cases by day/ });
  await expect(curve).toBeVisible();
  const box = await curve.boundingBox();
  if (!box) throw new Error('the curve has no place on the page');
  await desk.mouse.move(box.x + box.width * 0.3, box.y + 40);
  await desk.mouse.down();
  await desk.mouse.move(box.x + box.width * 0.8, box.y + 40, { steps: 5 });
  await desk.mouse.up();
  await expect(desk).toHaveURL(/place=.*onset_first=\d{4}-\d{2}-\d{2}&onset_last=/);

  const sentence = await desk.getByRole('button', { name: /^Onset: from/ }).innerText();
  const counts = await desk.getByText(/^Counts .* without onset are left out/).innerText();
  const other = await context.newPage();
  await other.goto(desk.url());
  await expect(other.getByRole('button', { name: /^Onset: from/ })).toHaveText(sentence);
  await expect(other.getByText(/^Counts .* without onset are left out/)).toHaveText(counts);
});

test('chains say what they count, and the curve by report shows who died', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/outbreak?curve=report`);
  await expect(
    desk.getByText(
      '98 links between 97 cases in 2 chains (94 and 3). 65 of 162 cases have no named link; none is guessed.',
    ),
  ).toBeVisible();
  await desk.getByRole('button', { name: 'Cases by report: table' }).click();
  await expect(desk.getByRole('row', { name: /^2015-06-07 23 3 / })).toBeVisible();
});

test('each picture is also a table and a file', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/outbreak`);
  await desk.getByRole('button', { name: 'Cases by onset: table' }).click();
  await expect(desk.getByRole('cell', { name: '2015-06-01' })).toBeVisible();
  for (const kind of ['SVG', 'PNG', 'CSV']) {
    const saved = desk.waitForEvent('download');
    await desk.getByRole('button', { name: `Chains: save as ${kind}` }).click();
    expect((await saved).suggestedFilename()).toBe(`chains.${kind.toLowerCase()}`);
  }
});

test('the tree of chains opens and closes from the keyboard', async ({ desk, demo }) => {
  await desk.goto(`${demo.url}/outbreak`);
  const tree = desk.getByRole('tree');
  const first = tree.getByRole('treeitem').first();
  await expect(first).toHaveAttribute('aria-expanded', 'true');
  const before = await tree.getByRole('treeitem').count();
  await first.focus();
  await desk.keyboard.press('ArrowLeft');
  await expect(first).toHaveAttribute('aria-expanded', 'false');
  expect(await tree.getByRole('treeitem').count()).toBeLessThan(before);
  await desk.keyboard.press('ArrowRight');
  await expect(tree.getByRole('treeitem')).toHaveCount(before);
});
