import { expect, test } from 'vitest';
import { ALL, asDetails, changed, clashes } from './fields.ts';

test('every field is asked once', () => {
  expect(new Set(ALL).size).toBe(ALL.length);
});

test('what is empty is sent as nothing', () => {
  expect(asDetails({ first_name: 'Ada', city: '  ', phone: '' })).toEqual({
    first_name: 'Ada',
    city: null,
    phone: null,
  });
});

test('only what differs from what was read is a change; space around it is none', () => {
  const read = { first_name: 'Ada', city: 'Mannheim' };
  expect(changed({ first_name: 'Ada ', city: 'Ludwigshafen', phone: '' }, read)).toEqual({ city: 'Ludwigshafen' });
  expect(changed({ city: '' }, read)).toEqual({ city: '' });
});

test('a field that somebody else changed meanwhile is told, unless both wrote the same', () => {
  const before = { city: 'Mannheim', street: 'Ring' };
  const now = { city: 'Ludwigshafen', street: 'Allee', phone: '0621 12345' };
  expect(clashes({ city: 'Speyer', phone: '0621 12345' }, before, now)).toEqual({ city: 'Ludwigshafen' });
  expect(clashes({ city: 'Speyer' }, before, { street: 'Ring' })).toEqual({ city: null });
  expect(clashes({ street: 'Weg' }, before, before)).toEqual({});
});
