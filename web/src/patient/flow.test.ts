import { expect, test } from 'vitest';
import { check, emptyDraft, FIELDS, firstMissing, questionOf, questionsOf } from './flow.ts';

const TODAY = '2026-03-01';

test('who has no symptoms is not asked which, and a contact not whom they met', () => {
  const draft = emptyDraft();
  expect(questionsOf(draft, true)).not.toContain('which');
  draft.hasSymptoms = true;
  const ill = questionsOf(draft, true);
  expect(ill.slice(ill.indexOf('symptoms'), ill.indexOf('symptoms') + 3)).toEqual(['symptoms', 'which', 'onset']);
  expect(questionsOf(draft, false)).not.toContain('contacts');
});

test('somebody goes on at the first question that lacks something', () => {
  const questions = questionsOf(emptyDraft(), true);
  expect(firstMissing([{ field: 'city' }, { field: 'contacts' }], questions)).toBe('address');
  expect(firstMissing([{ field: 'phone' }], questions)).toBe('phone');
  expect(firstMissing([], questions)).toBe('finish');
});

test('every field has one question', () => {
  const all = Object.values(FIELDS).flat();
  expect(new Set(all).size).toBe(all.length);
  expect(questionOf('says_no_email')).toBe('email');
  expect(questionOf('nothing')).toBeNull();
});

test('each question says what it needs before the next one', () => {
  const draft = emptyDraft();
  expect(check('name', draft, TODAY)).toEqual({ first_name: 'missing', last_name: 'missing' });
  expect(check('phone', draft, TODAY)).toEqual({ mobile: 'one_phone' });
  draft.details.phone = '0621 12345';
  expect(check('phone', draft, TODAY)).toEqual({});
  expect(check('email', draft, TODAY)).toEqual({ email: 'missing' });
  draft.noEmail = true;
  expect(check('email', draft, TODAY)).toEqual({});
  expect(check('onset', draft, TODAY)).toEqual({});
  draft.onset = { day: '2', month: '3', year: '2026' };
  expect(check('onset', draft, TODAY)).toEqual({ onset: 'future' });
  expect(check('condition', draft, TODAY)).toEqual({ condition: 'choose' });
  expect(check('contacts', draft, TODAY)).toEqual({ contacts: 'say_none' });
  draft.saysNone = true;
  expect(check('contacts', draft, TODAY)).toEqual({});
});
