import { describe, expect, test } from 'vitest';
import { words } from '../words/en.ts';
import { countWords, leftWords } from './left.ts';

const undone = { merge_id: '', person_id: '', gone_id: '' };

describe('what an undo leaves', () => {
  test('rows that came since are counted in words, and those that nobody knows are not named', () => {
    const counts = { case_comment: 1, phone_call: 3, history: 7, person_redirect: 1 };
    expect(countWords(counts, words)).toBe('1 comment, 3 calls');
  });

  test('nothing that stays needs no sentence', () => {
    expect(leftWords({ ...undone, stays: { history: 2 }, changed_since: [] }, words)).toEqual([]);
  });

  test('what was changed since is named as the form names it', () => {
    const left = leftWords(
      { ...undone, stays: {}, changed_since: ['person.phone', 'outbreak_case.symptom_onset'] },
      words,
    );
    expect(left).toHaveLength(1);
    expect(left[0]).toContain('Telephone');
    expect(left[0]).toContain('Symptom onset');
  });
});
