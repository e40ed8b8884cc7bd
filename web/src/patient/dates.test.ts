import { expect, test } from 'vitest';
import { noDay, partsOf, readDay } from './dates.ts';

const read = (day: string, month: string, year: string) => readDay({ day, month, year }, '2026-03-01');

test('a day is read from three fields, and what is wrong is named', () => {
  expect(read('28', '2', '2026')).toEqual({ day: '2026-02-28' });
  expect(read('01', '03', '2026')).toEqual({ day: '2026-03-01' });
  expect(read('37', '5', '2015')).toEqual({ wrong: 'day' });
  expect(read('3', '13', '2015')).toEqual({ wrong: 'month' });
  expect(read('3', '1', '15')).toEqual({ wrong: 'year' });
  expect(read('29', '2', '2026')).toEqual({ wrong: 'no_such_day' });
  expect(read('29', '2', '2024')).toEqual({ day: '2024-02-29' });
  expect(read('2', '3', '2026')).toEqual({ wrong: 'future' });
  expect(read('a', '3', '2026')).toEqual({ wrong: 'day' });
  expect(readDay(noDay(), '2026-03-01')).toEqual({ wrong: 'empty' });
});

test('a day that is known comes back as it is typed', () => {
  expect(partsOf('1982-05-07')).toEqual({ day: '7', month: '5', year: '1982' });
  expect(partsOf(null)).toEqual(noDay());
});
