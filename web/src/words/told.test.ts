import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { words as de } from './de.ts';
import { TOLD } from './told.de.ts';

const APP = join(import.meta.dirname, '../../../crates/app/src');
const sources = readdirSync(APP, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.rs'))
  .map((file) => readFileSync(join(APP, file), 'utf8'));

// Nobody meets these on a page: they are about ids that the page makes itself, and about other programs.
const NOT_ON_A_PAGE = [
  / has this id$/,
  /^accounts of /,
  / too long to draw$/,
  / user name can't stand /,
  /^belongs to a list/,
];

test('what the server refuses with reads in German', () => {
  const refusals = sources.flatMap((source) =>
    [...source.matchAll(/(?:Conflict|conflict)\(\s*"([^"]+)"/g)].map((found) => found[1] ?? ''),
  );
  expect(refusals.length).toBeGreaterThan(30);
  const english = refusals.filter(
    (text) => de.told(text).toLowerCase() === text.toLowerCase() && !NOT_ON_A_PAGE.some((one) => one.test(text)),
  );
  expect(english).toEqual([]);
});

test('no sentence stands here that the server does not say any more', () => {
  const others = [
    '../../server/src/problem.rs',
    '../../server/src/runs/read.rs',
    '../../server/src/runs/shape.rs',
    '../../domain/src/bulk/invite.rs',
  ];
  const all = [...sources, ...others.map((file) => readFileSync(join(APP, file), 'utf8'))].join('\n');
  expect(Object.keys(TOLD).filter((text) => !all.includes(text))).toEqual([]);
});
