import { expect, test } from 'vitest';
import { atWork, byStatus } from './today.ts';

const of = (case_type: string, status: string, n: number) => ({ disease: 'covid-19', case_type, status, n });
const CASES = [
  of('index', 'open', 3),
  of('contact', 'open', 2),
  of('contact_medical', 'open', 1),
  of('index', 'concluded', 7),
  { ...of('index', 'open', 4), disease: 'mers' },
];

test('what is over is not at work, and every kind of contact is one', () => {
  expect(atWork(CASES)).toEqual({ index: 7, contacts: 3 });
  expect(atWork([])).toEqual({ index: 0, contacts: 0 });
});

test('a status without cases has no line, and diseases are added up', () => {
  expect(byStatus(CASES)).toEqual([
    { status: 'open', index: 7, contacts: 3 },
    { status: 'concluded', index: 7, contacts: 0 },
  ]);
});
