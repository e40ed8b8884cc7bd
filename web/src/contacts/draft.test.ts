import { expect, test } from 'vitest';
import { asContact, fresh, isTyped } from './draft.ts';

test('one day alone is the first and the last, and what was not said is null', () => {
  const draft = { ...fresh(), kind: 'household' as const, first_day: '2026-11-03', texts: { last_name: ' Meier ' } };
  const contact = asContact(draft);
  expect(contact.last_day).toBe('2026-11-03');
  expect(contact.said.last_name).toBe('Meier');
  expect(contact.said.first_name).toBeNull();
  expect(contact.said.is_senior).toBeNull();
});

test('the next contact has ids of its own, and keeps how and when they met', () => {
  const first = { ...fresh(), kind: 'care' as const, first_day: '2026-11-03', texts: { last_name: 'Meier' } };
  const next = fresh(first);
  expect(next.contact_id).not.toBe(first.contact_id);
  expect(next.person_id).not.toBe(first.person_id);
  expect([next.kind, next.first_day]).toEqual(['care', '2026-11-03']);
  expect(isTyped(first)).toBe(true);
  expect(isTyped(next)).toBe(false);
});
