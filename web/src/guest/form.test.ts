import { expect, test } from 'vitest';
import { blank, type Draft, draftsOf, partyOf, wrongIn, wrongOf } from './form.ts';
import { newStay } from './stays.ts';

const draft = (of: Partial<Draft>): Draft => ({ ...blank(), name: 'Mia', phone: '0621 123456', ...of });
const wrong = (of: Partial<Draft>, asksAddress = false) => wrongIn(draft(of), 0, asksAddress).map(({ id }) => id);

test('a name and one way to be reached are needed', () => {
  expect(wrong({})).toEqual([]);
  expect(wrong({ name: '  ' })).toEqual(['name-0']);
  for (const phone of ['', '12345', 'call me', '0621 12345x']) expect(wrong({ phone }), phone).toEqual(['phone-0']);
  for (const phone of ['+49 (621) 123-45', '0621/123456']) expect(wrong({ phone }), phone).toEqual([]);
  for (const email of ['', 'mia', 'mia@', 'mia@home', 'mia @home.de', 'mia@home.d']) {
    expect(wrong({ byEmail: true, email }), email).toEqual(['email-0']);
  }
  expect(wrong({ byEmail: true, email: ' mia@example.org ' })).toEqual([]);
});

test('an address is needed only where the venue asks for it', () => {
  expect(wrong({}, true)).toEqual(['street-0', 'house_number-0', 'postcode-0', 'city-0']);
});

test('a text may have 120 bytes, as the server counts them', () => {
  expect(wrong({ name: 'ş'.repeat(60) })).toEqual([]);
  expect(wrong({ name: 'ş'.repeat(61) })).toEqual(['name-0']);
});

test('what was refused comes back as it was typed: the others, and the household as a count', () => {
  const typed = [
    draft({}),
    draft({ household: true }),
    draft({ name: 'Ali', byEmail: true, phone: '', email: 'a@b.de' }),
  ];
  const stay = newStay(
    partyOf(typed, false),
    { authority: 'MA', venue_id: '7K3M9QX2AB', area_id: null, venue: '', area: null },
    { arrived: 0, leaves: null, zone: 'UTC', clock_ms: 0 },
  );
  const back = draftsOf(stay);
  expect(back.map(({ name, household }) => [name, household])).toEqual([
    ['Mia', false],
    ['Ali', false],
    ['', true],
  ]);
  const refusal = { status: 422, fields: ['1.email', '0.address.city', 'leaves_at', '0.leaves_at', '1.secret'] };
  expect(wrongOf(refusal, back).map(({ id }) => id)).toEqual(['email-1', 'city-0', 'leaves']);
});
