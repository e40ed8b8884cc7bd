import { expect, test } from 'vitest';
import { asProblem, kindOfStatus, Problem } from './problem.ts';

test('each status that the server uses has its own kind', () => {
  const kinds = [401, 403, 404, 409, 412, 413, 422, 429, 500, 503].map(kindOfStatus);
  expect(kinds).toEqual([
    'signed-out',
    'forbidden',
    'not-found',
    'conflict',
    'conflict',
    'too-large',
    'invalid',
    'too-many',
    'internal',
    'unavailable',
  ]);
});

test('a connection that fails is offline, and passes by itself', () => {
  const problem = asProblem(new TypeError('Failed to fetch'));
  expect(problem.kind).toBe('offline');
  expect(problem.passes).toBe(true);
  expect(new Problem('forbidden').passes).toBe(false);
});

test('a field error is found by its field', () => {
  const problem = new Problem('invalid', { errors: [{ field: 'code', reason: 'has six digits' }] });
  expect(problem.field('code')).toBe('has six digits');
  expect(problem.field('password')).toBeNull();
});
