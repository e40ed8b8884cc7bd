import { describe, expect, test } from 'vitest';
import { draftOf } from './requests.ts';

describe('what is asked while somebody types', () => {
  test('a single name or day finds nobody, so nobody is asked for', () => {
    expect(draftOf({ last_name: 'Meier' })).toBeNull();
    expect(draftOf({ first_name: 'Anna', born: '1985-03-12' })).toBeNull();
    expect(draftOf({ postcode: '68159' })).toBeNull();
  });

  test('both names, a name with a birth date, or an address is enough', () => {
    expect(draftOf({ last_name: ' Meier ', first_name: 'Anna' })).toMatchObject({ last_name: 'Meier', phones: [] });
    expect(draftOf({ last_name: 'Meier', born: '1985-03-12' })?.born).toBe('1985-03-12');
    expect(draftOf({ mobile: '0171 1', phone: '' })?.phones).toEqual(['0171 1']);
  });

  test('a day that is still being typed is left out', () => {
    expect(draftOf({ last_name: 'Meier', first_name: 'Anna', born: '1985-0' })?.born).toBeNull();
  });
});
