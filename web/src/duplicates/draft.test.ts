import { describe, expect, test } from 'vitest';
import { draftOf } from './requests.ts';

describe('what is asked while somebody types', () => {
  test('a name or a day alone finds nobody, so nobody is asked for', () => {
    expect(draftOf({ last_name: 'Meier' })).toBeNull();
    expect(draftOf({ first_name: 'Anna', born: '1985-03-12' })).toBeNull();
    expect(draftOf({ first_name: 'Anna', last_name: 'Meier' })).toBeNull();
    expect(draftOf({ postcode: '68159' })).toBeNull();
  });

  test('a last name with a birth date, or an address, is enough', () => {
    expect(draftOf({ last_name: ' Meier ', born: '1985-03-12' })).toMatchObject({ last_name: 'Meier', phones: [] });
    expect(draftOf({ mobile: '0171 1', phone: '' })?.phones).toEqual(['0171 1']);
  });

  test('a day that is still being typed is left out', () => {
    expect(draftOf({ last_name: 'Meier', mobile: '0171 1', born: '1985-0' })?.born).toBeNull();
  });
});
