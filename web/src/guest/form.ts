// What was typed, what is wrong with it, and what becomes of it. The server looks again.

import type { Address, CheckIn } from './bodies.ts';
import type { Party, Person, Refusal, Stay } from './stays.ts';
import type { GuestWords } from './words/en.ts';

export const MOST_PEOPLE = 50;

export type Draft = {
  name: string;
  /** Whether they give an e-mail address instead of a number. */
  byEmail: boolean;
  phone: string;
  email: string;
  address: Address;
  /** Of the others: whether they count as household, without an entry of their own. */
  household: boolean;
};

export type WrongWord = keyof GuestWords['wrong'];
/** Id of a field, and the word for what to do there. */
export type Wrong = { id: string; word: WrongWord };

export const blank = (): Draft => ({
  name: '',
  byEmail: false,
  phone: '',
  email: '',
  address: { street: '', house_number: '', postcode: '', city: '' },
  household: false,
});

export const draftOf = (person: Person | CheckIn): Draft => ({
  ...blank(),
  name: person.name,
  byEmail: !person.phone && Boolean(person.email),
  phone: person.phone ?? '',
  email: person.email ?? '',
  address: { ...blank().address, ...person.address },
});

/** Returns the drafts of those in a stay that was refused: the household last. */
export function draftsOf(stay: Stay): Draft[] {
  const entries = stay.entries ?? [];
  const household = Array.from({ length: entries[0]?.household ?? 0 }, () => ({ ...blank(), household: true }));
  return [...entries.map(draftOf), ...household];
}

const isPhone = (text: string) => /^[-+0-9 ()/.]+$/.test(text.trim()) && text.replace(/\D/g, '').length >= 6;
const isEmail = (text: string) => /^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/.test(text.trim());

const ADDRESS_FIELDS: [keyof Address, WrongWord][] = [
  ['street', 'street'],
  ['house_number', 'houseNumber'],
  ['postcode', 'postcode'],
  ['city', 'city'],
];

/** Lists what is wrong with a person; `n` is their place in the party. */
export function wrongIn(draft: Draft, n: number, asksAddress: boolean): Wrong[] {
  const wrong: Wrong[] = [];
  if (!draft.name.trim()) wrong.push({ id: `name-${n}`, word: 'name' });
  if (draft.byEmail ? !isEmail(draft.email) : !isPhone(draft.phone)) {
    wrong.push(draft.byEmail ? { id: `email-${n}`, word: 'email' } : { id: `phone-${n}`, word: 'phone' });
  }
  for (const [field, word] of asksAddress ? ADDRESS_FIELDS : []) {
    if (!draft.address[field].trim()) wrong.push({ id: `${field}-${n}`, word });
  }
  return wrong;
}

/** Returns what the server found wrong, beside the fields of the form. */
export function wrongOf(refusal: Refusal | null | undefined, drafts: Draft[]): Wrong[] {
  const wrong: Wrong[] = [];
  for (const field of refusal?.fields ?? []) {
    const [n = '0', ...path] = field.split('.');
    const name = path[path.length - 1] ?? '';
    const byEmail = drafts[Number(n)]?.byEmail;
    if (name === 'name') wrong.push({ id: `name-${n}`, word: 'name' });
    if (name === 'phone' || name === 'email') {
      wrong.push(byEmail ? { id: `email-${n}`, word: 'email' } : { id: `phone-${n}`, word: 'phone' });
    }
    if (name === 'leaves_at') wrong.push({ id: 'leaves', word: 'time' });
    for (const [key, word] of ADDRESS_FIELDS) if (name === key) wrong.push({ id: `${key}-${n}`, word });
  }
  return wrong;
}

/** Returns the person that a draft describes. */
export function personOf(draft: Draft, asksAddress: boolean): Person {
  const { street, house_number, postcode, city } = draft.address;
  const address = {
    street: street.trim(),
    house_number: house_number.trim(),
    postcode: postcode.trim(),
    city: city.trim(),
  };
  return {
    name: draft.name.trim(),
    phone: draft.byEmail ? '' : draft.phone.trim(),
    email: draft.byEmail ? draft.email.trim() : '',
    address: asksAddress ? address : null,
  };
}

/** Returns the party: the guest, the others by name, and the household as a count. */
export function partyOf(drafts: Draft[], asksAddress: boolean): Party {
  const named = drafts.filter((draft, i) => i === 0 || !draft.household);
  return { people: named.map((draft) => personOf(draft, asksAddress)), household: drafts.length - named.length };
}
