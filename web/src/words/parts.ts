// Helpers that every catalogue uses.

/** A piece of a sentence: words, or the place of a control. */
export type Part<Slot extends string> = string | { slot: Slot };
export type FilterSlot =
  | 'classification'
  | 'disease'
  | 'place'
  | 'onset'
  | 'setting'
  | 'outcome'
  | 'sex'
  | 'reported'
  | 'type'
  | 'status'
  | 'assigned'
  | 'quarantined'
  | 'ends'
  | 'postcode'
  | 'tested';

export const slot = <S extends string>(name: S): { slot: S } => ({ slot: name });

/** Returns the word for a value of the data, else the value itself, written as a word. */
export function known(words: Record<string, string>, value: string | null | undefined): string {
  if (!value) return '';
  const plain = value.replaceAll('_', ' ');
  return words[value.toLowerCase()] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** What a case in a chain is told by. */
export type NodeWords = {
  reference: string;
  onset: string | null;
  generation: number;
  infected: number;
  from: string | null;
  setting: string | null;
  died: boolean;
  hidden: number;
};

type LetterWords = {
  order_sent: (how: string) => string;
  order_unsent: string;
  letter_sent: (how: string) => string;
  letter: (letter: string) => string;
};

/** Returns an entry of the history about orders and letters as a sentence, or null for any other. */
export function ofLetters(words: LetterWords, field: string, after: string | null): string | null {
  if (field === 'order_sent') return after ? words.order_sent(after) : words.order_unsent;
  if (field === 'letter_sent') return words.letter_sent(after ?? '');
  return field === 'letter' ? words.letter(after ?? '') : null;
}
