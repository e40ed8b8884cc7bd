import { beforeAll, describe, expect, it } from 'vitest';
import type { RuleSetting, RuleSetVersion } from '../api/types.ts';
import { chooseLanguage } from '../words/words.svelte.ts';
import { changed, groupOf, inGroups, inWords, isPast } from './rules.ts';

const setting = (key: string, kind: RuleSetting['kind'] = 'number', unit = 'days'): RuleSetting => ({
  key,
  kind,
  unit,
  least: 0,
  most: 9,
  decimals: 0,
  choices: [],
  why: '',
  default: '2',
  source: '',
  caution: '',
});

describe('settings of a rule set', () => {
  // Only the tag of the language is set on the document.
  beforeAll(() => {
    globalThis.document ??= { documentElement: {} } as Document;
    return chooseLanguage('en', false);
  });

  it('has a place for every setting, also for one that this page does not know', () => {
    expect(groupOf(setting('isolation_days'))).toBe('orders');
    expect(groupOf(setting('closeness_near'))).toBe('close');
    expect(groupOf(setting('something_new', 'yes_no'))).toBe('work');
    const groups = inGroups([setting('reminders', 'yes_no'), setting('days_before_onset')]);
    expect(groups.map(({ group }) => group)).toEqual(['infectious', 'work']);
  });

  it('says values with their unit', () => {
    expect(inWords(setting('days_before_onset'), '1')).toBe('1 day');
    expect(inWords(setting('days_before_onset'), '3')).toBe('3 days');
    expect(inWords(setting('contact_temperature_c', 'number', '°C'), '37.9')).toBe('37.9 °C');
    expect(inWords(setting('reminders', 'yes_no'), 'no')).toBe('no');
    expect(inWords(setting('close_contact', 'preset'), 'of_the_day')).toBe('the one of the day');
    expect(inWords(undefined, 'x')).toBe('x');
  });

  it('sends only what was changed', () => {
    const base = { settings: { a: '1', b: 'yes' } } as unknown as RuleSetVersion;
    expect(changed({ a: ' 1 ', b: 'no' }, base)).toEqual({ b: 'no' });
  });

  it('knows what begins in the past', () => {
    expect(isPast(null, '2026-03-01')).toBe(true);
    expect(isPast('2026-02-28', '2026-03-01')).toBe(true);
    expect(isPast('2026-03-01', '2026-03-01')).toBe(false);
  });
});
