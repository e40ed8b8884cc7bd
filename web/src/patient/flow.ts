// Which questions somebody is asked, in which order, and what must change before the next one.

import type { Day } from '../api/types.ts';
import { type DayParts, noDay, readDay, type WrongDay } from './dates.ts';

export type Question =
  | 'name'
  | 'sex'
  | 'address'
  | 'phone'
  | 'email'
  | 'symptoms'
  | 'which'
  | 'onset'
  | 'infection'
  | 'doctor'
  | 'condition'
  | 'medical_staff'
  | 'vulnerable_contact'
  | 'contacts'
  | 'finish';

/** Yes, no, or not answered, and what the yes is about. */
export type YesNo = { is_so: boolean | null; text: string };

/** All that somebody typed, as they typed it. */
export type Draft = {
  details: Record<string, string>;
  noEmail: boolean;
  hasSymptoms: boolean | null;
  symptoms: string[];
  onset: DayParts;
  infectedOn: DayParts;
  infectedAt: string;
  doctor: string;
  condition: YesNo;
  medical_staff: YesNo;
  vulnerable_contact: YesNo;
  saysNone: boolean;
  nContacts: number;
};

export type WrongText = WrongDay | 'missing' | 'one_phone' | 'choose' | 'say_none';
/** What is wrong, by field. */
export type Wrong = Record<string, WrongText>;

const TEXTS = ['first_name', 'last_name', 'street', 'house_number', 'postcode', 'city', 'mobile', 'phone', 'email'];

/** Returns the details as fields want them: what isn't known is empty. */
export const withAllTexts = (known: Record<string, string>): Record<string, string> => ({
  ...Object.fromEntries(TEXTS.map((name) => [name, ''])),
  ...known,
});

export const emptyDraft = (): Draft => ({
  details: withAllTexts({}),
  noEmail: false,
  hasSymptoms: null,
  symptoms: [],
  onset: noDay(),
  infectedOn: noDay(),
  infectedAt: '',
  doctor: '',
  condition: { is_so: null, text: '' },
  medical_staff: { is_so: null, text: '' },
  vulnerable_contact: { is_so: null, text: '' },
  saysNone: false,
  nContacts: 0,
});

/** The fields of each question, by the names that the server has for them. */
export const FIELDS: Record<Question, string[]> = {
  name: ['first_name', 'last_name'],
  sex: ['sex'],
  address: ['street', 'house_number', 'postcode', 'city'],
  phone: ['mobile', 'phone'],
  email: ['email', 'says_no_email'],
  symptoms: ['has_symptoms'],
  which: ['symptoms'],
  onset: ['onset'],
  infection: ['infected_on', 'infected_at'],
  doctor: ['family_doctor'],
  condition: ['condition'],
  medical_staff: ['medical_staff'],
  vulnerable_contact: ['vulnerable_contact'],
  contacts: ['contacts'],
  finish: [],
};

/** Lists what is asked, in order. What follows from an answer is asked only after it. */
export function questionsOf(draft: Draft, asksContacts: boolean): Question[] {
  const ill: Question[] = draft.hasSymptoms ? ['which', 'onset'] : [];
  const met: Question[] = asksContacts ? ['contacts'] : [];
  return [
    'name',
    'sex',
    'address',
    'phone',
    'email',
    'symptoms',
    ...ill,
    'infection',
    'doctor',
    'condition',
    'medical_staff',
    'vulnerable_contact',
    ...met,
    'finish',
  ];
}

/** Returns the question that asks for a field. */
export function questionOf(field: string): Question | null {
  const found = Object.entries(FIELDS).find(([, fields]) => fields.includes(field));
  return found ? (found[0] as Question) : null;
}

/** Returns the first question of which something is missing; the last one where nothing is. */
export function firstMissing(missing: { field: string }[], questions: Question[]): Question {
  const open = missing.map(({ field }) => questionOf(field));
  return questions.find((question) => open.includes(question)) ?? 'finish';
}

const lacks = (draft: Draft, names: string[]): Wrong =>
  Object.fromEntries(names.filter((name) => !draft.details[name]?.trim()).map((name) => [name, 'missing' as const]));

/** Says what of a question must change. The server looks again at what passes here. */
export function check(question: Question, draft: Draft, today: Day): Wrong {
  const optionalDay = (field: string, parts: DayParts): Wrong => {
    const read = readDay(parts, today);
    return 'wrong' in read && read.wrong !== 'empty' ? { [field]: read.wrong } : {};
  };
  const yesNo = (field: 'condition' | 'medical_staff' | 'vulnerable_contact'): Wrong =>
    draft[field].is_so === null ? { [field]: 'choose' } : {};
  switch (question) {
    case 'name':
      return lacks(draft, ['first_name', 'last_name']);
    case 'sex':
      return draft.details.sex ? {} : { sex: 'choose' };
    case 'address':
      return lacks(draft, ['street', 'house_number', 'postcode', 'city']);
    case 'phone':
      return draft.details.mobile?.trim() || draft.details.phone?.trim() ? {} : { mobile: 'one_phone' };
    case 'email':
      return draft.details.email?.trim() || draft.noEmail ? {} : { email: 'missing' };
    case 'symptoms':
      return draft.hasSymptoms === null ? { has_symptoms: 'choose' } : {};
    case 'onset':
      return optionalDay('onset', draft.onset);
    case 'infection':
      return optionalDay('infected_on', draft.infectedOn);
    case 'condition':
    case 'medical_staff':
    case 'vulnerable_contact':
      return yesNo(question);
    case 'contacts':
      return draft.nContacts > 0 || draft.saysNone ? {} : { contacts: 'say_none' };
    default:
      return {};
  }
}
