import { expect, test } from 'vitest';
import { words as de } from '../words/de.ts';
import { words as en } from '../words/en.ts';
import { fieldOf, gathered, itemWords, KINDS, missingOf, shapeOf } from './items.ts';

const write = {
  day: (day: string) => day,
  moment: (at: string) => at.slice(11, 16),
  list: (all: string[]) => all.join(' + '),
};
const about = { case_type: 'contact', calls: [null, { call_id: 'c1', call_back_at: '2026-03-01T13:00:00Z' }] } as const;
const said = (kind: string, cause: string, of: typeof en = en, case_type: 'index' | 'contact' = 'contact') =>
  itemWords({ kind, cause }, { calls: [...about.calls], case_type }, of.work, write, of.diary);

test('missing details are named, in the order of the cause', () => {
  expect(said('details_missing', 'phone,born,email_or_address')).toBe(
    'Missing: telephone + date of birth + e-mail or address',
  );
  expect(said('details_missing', 'born', de)).toBe('Fehlt: Geburtsdatum');
  expect(missingOf({ kind: 'details_missing', cause: 'born,phone' })).toEqual(['born', 'phone']);
  expect(missingOf({ kind: 'initial_call', cause: 'open' })).toEqual([]);
});

test('a missing detail leads to the field that it is typed into', () => {
  expect(['phone', 'born', 'email_or_address'].map(fieldOf)).toEqual(['phone', 'born', 'email']);
});

test('what ended is isolation for an index case and quarantine for a contact, with its day', () => {
  expect(said('quarantine_ending', '2026-03-01', en, 'index')).toBe('Isolation ended on 2026-03-01');
  expect(said('quarantine_ending', '2026-03-01')).toBe('Quarantine ended on 2026-03-01');
  expect(said('quarantine_ending', 'soon')).toBe('Quarantine ended');
});

test('a call back says when, as far as its call is known', () => {
  expect(said('call_back', 'c1')).toBe('Call back 13:00');
  expect(said('call_back', 'c2')).toBe('Call back');
});

test('every kind has words in every language, and a shape', () => {
  for (const kind of KINDS) {
    expect(en.work.items.kinds[kind], kind).toBeTruthy();
    expect(de.work.items.kinds[kind], kind).toBeTruthy();
  }
  expect(shapeOf({ kind: 'suspicious_symptom', category: 'medical' }).name).toBe('triangle');
  expect(shapeOf({ kind: 'details_missing', category: 'process' }).name).toBe('squareo');
  expect(shapeOf({ kind: 'message_from_patient', category: 'process' }).name).toBe('mail');
  expect(shapeOf({ kind: 'initial_call', category: 'process' }).name).toBe('clock');
});

test('a kind that the page does not know yet is written out', () => {
  expect(said('certificate_due', 'x')).toBe('certificate due');
});

test('a missing entry is told by its half day, and several on one line by how many', () => {
  expect(said('diary_entry_missing', '2026-03-01 evening')).toBe('Diary entry missing: 2026-03-01, evening');
  expect(said('diary_entry_missing', '2026-03-01 morning', de)).toBe('Tagebucheintrag fehlt: 2026-03-01, Morgen');
  const [missing, call] = [{ kind: 'diary_entry_missing' }, { kind: 'initial_call' }];
  expect(gathered([missing, call, { kind: 'diary_entry_missing' }]).map(({ item, n }) => [item.kind, n])).toEqual([
    ['diary_entry_missing', 2],
    ['initial_call', 1],
  ]);
});
