import { expect, test } from 'vitest';
import { addDays, dayNumber, dayOfInstant, daysBetween, isDay, mondayOf, toDay, weekday } from './days.ts';

test('a day and its number are the same thing, across a leap day and before 1970', () => {
  for (const day of ['1969-12-31', '1970-01-01', '2020-02-29', '2015-06-12']) {
    expect(toDay(dayNumber(day))).toBe(day);
  }
  expect(addDays('2020-02-28', 2)).toBe('2020-03-01');
  expect(daysBetween('2015-05-17', '2015-05-27')).toBe(10);
});

test('weeks begin on Monday', () => {
  expect(weekday(dayNumber('2015-06-12'))).toBe(4);
  expect(toDay(mondayOf(dayNumber('2015-06-12')))).toBe('2015-06-08');
  expect(weekday(dayNumber('1969-12-29'))).toBe(0);
});

test('a day that does not exist is no day', () => {
  expect(isDay('2015-02-30')).toBe(false);
  expect(isDay('2015-2-3')).toBe(false);
  expect(isDay('2016-02-29')).toBe(true);
});

test('an instant late in the evening is the next day further east', () => {
  expect(dayOfInstant('2015-06-12T23:30:00Z', 'Europe/Berlin')).toBe('2015-06-13');
  expect(dayOfInstant('2015-06-12T23:30:00Z', 'UTC')).toBe('2015-06-12');
});
