// The fields of a person and a case, in the order in which they are asked. Their names are those of the server, which
// alone says what is allowed in them.

export const FIELDS = {
  kind: ['case_type', 'file_number', 'classification'],
  person: ['first_name', 'last_name', 'born', 'sex', 'language'],
  reach: ['mobile', 'phone', 'email', 'says_no_email', 'street', 'house_number', 'postcode', 'city'],
  theCase: [
    'onset',
    'tested',
    'reported',
    'exposed_first',
    'exposed_last',
    'died',
    'outcome',
    'place',
    'setting',
    'note',
  ],
} as const;

export type Part = keyof typeof FIELDS;
export type Field = (typeof FIELDS)[Part][number];
export const PARTS = Object.keys(FIELDS) as Part[];
export const ALL: readonly Field[] = PARTS.flatMap((part) => [...FIELDS[part]]);

export type Input = 'text' | 'tel' | 'email' | 'date' | 'choice' | 'yes' | 'long';

const INPUTS: Partial<Record<Field, Input>> = {
  born: 'date',
  sex: 'choice',
  language: 'choice',
  mobile: 'tel',
  phone: 'tel',
  email: 'email',
  says_no_email: 'yes',
  case_type: 'choice',
  classification: 'choice',
  onset: 'date',
  tested: 'date',
  reported: 'date',
  exposed_first: 'date',
  exposed_last: 'date',
  died: 'date',
  outcome: 'choice',
  note: 'long',
};
export const inputOf = (field: Field): Input => INPUTS[field] ?? 'text';

/** What each choice offers; words for them are in the catalogue. */
export const CHOICES: Partial<Record<Field, string[]>> = {
  sex: ['female', 'male', 'other', 'unknown'],
  case_type: ['index', 'contact', 'contact_medical', 'contact_vulnerable'],
  classification: ['suspected', 'probable', 'confirmed'],
  outcome: ['recovered', 'died'],
  language: [
    'ar',
    'bg',
    'de',
    'en',
    'es',
    'fa',
    'fr',
    'hr',
    'it',
    'ku',
    'pl',
    'ro',
    'ru',
    'sr',
    'tr',
    'uk',
    'vi',
    'zh',
  ],
};

/** Fields that share a line where there is room. */
export const WIDTHS: Partial<Record<Field, 'half' | 'long' | 'short'>> = {
  first_name: 'half',
  last_name: 'half',
  born: 'half',
  sex: 'half',
  mobile: 'half',
  phone: 'half',
  street: 'long',
  house_number: 'short',
  postcode: 'short',
  city: 'long',
  language: 'half',
  case_type: 'half',
  file_number: 'half',
  classification: 'half',
  onset: 'half',
  tested: 'half',
  exposed_first: 'half',
  exposed_last: 'half',
  died: 'half',
  outcome: 'half',
  place: 'half',
  setting: 'half',
};

export type Values = Partial<Record<Field, string>>;

/** Returns the values that are to be sent: empty ones as null. */
export function asDetails(values: Values): Record<string, string | null> {
  return Object.fromEntries(Object.entries(values).map(([field, value]) => [field, value?.trim() ? value : null]));
}

/** Returns the fields in which something else stands than was read. */
export function changed(typed: Values, read: Record<string, string | null>): Values {
  const is = Object.entries(typed).filter(([field, value]) => (value ?? '').trim() !== (read[field] ?? ''));
  return Object.fromEntries(is);
}

/** Returns what somebody else wrote into fields that were being typed into. */
export function clashes(
  typed: Values,
  before: Record<string, string | null>,
  now: Record<string, string | null>,
): Partial<Record<Field, string | null>> {
  const fields = (Object.keys(typed) as Field[]).filter((field) => (before[field] ?? null) !== (now[field] ?? null));
  const news = fields.filter((field) => (now[field] ?? '') !== (typed[field] ?? '').trim());
  return Object.fromEntries(news.map((field) => [field, now[field] ?? null]));
}
