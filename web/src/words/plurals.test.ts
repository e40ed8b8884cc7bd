import { expect, test } from 'vitest';
import { counting } from './plurals.ts';

test('one case, two cases, and thousands as the language writes them', () => {
  const english = counting('en-GB');
  const forms = { one: '# case', other: '# cases' };
  expect([0, 1, 2, 12_345].map((n) => english(n, forms))).toEqual(['0 cases', '1 case', '2 cases', '12,345 cases']);
  expect(counting('de-DE')(12_345, { one: '# Fall', other: '# Fälle' })).toBe('12.345 Fälle');
});

test('a language that needs only one form is content with one', () => {
  expect(counting('tr-TR')(5, { other: '# vaka' })).toBe('5 vaka');
});
