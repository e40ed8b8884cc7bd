import { describe, expect, it } from 'vitest';
import { cellsOf, readTable, textOf, timeOf } from './table.ts';

const read = (text: string) => {
  const found = readTable(text, 'Europe/Berlin');
  if (typeof found === 'string') throw new Error(found);
  return found;
};

describe('a list as a file', () => {
  it('is split as spreadsheets write it', () => {
    expect(cellsOf('a;b\r\n"x;y";"say ""hi"""\n')).toEqual([['a', 'b'], ['x;y', 'say "hi"'], ['']]);
    expect(cellsOf('\uFEFFa,b\n"two\nlines",c')).toEqual([
      ['a', 'b'],
      ['two\nlines', 'c'],
    ]);
    expect(cellsOf('a\tb')).toEqual([['a', 'b']]);
  });

  it('is read in the letters of older spreadsheets too', () => {
    expect(textOf(new Uint8Array([0xd6, 0x7a, 0x69, 0x6c]).buffer)).toBe('Özil');
    expect(textOf(new TextEncoder().encode('Özil').buffer as ArrayBuffer)).toBe('Özil');
  });

  it('knows its columns by their headings, and keeps the others as they are called', () => {
    const { lines, wrong } = read(
      'Vorname;Nachname;Telefon;PLZ;Sitz-Platz;Stimme\nAyşe;Yılmaz;0621 12345;68161;12-3;Alt',
    );
    expect(wrong).toEqual([]);
    const { visitor, line } = lines[0] ?? {};
    expect(line).toBe(2);
    expect(visitor).toMatchObject({ first_name: 'Ayşe', last_name: 'Yılmaz', postcode: '68161', seat: '12-3' });
    expect(visitor?.qualifiers).toEqual([{ label: 'Stimme', value: 'Alt' }]);
    expect(visitor?.visitor_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('names what can’t be handed in by its line, and keeps the rest', () => {
    const { lines, wrong } = read(
      'name,phone,from\nAda,0621 12345,\n\n,0621 12345,\nBen,12,\nCem,0621 12345,noon\nDora,,',
    );
    expect(lines.map(({ line }) => line)).toEqual([2]);
    expect(wrong).toEqual([
      { line: 4, field: 'last_name' },
      { line: 5, field: 'phone' },
      { line: 6, field: 'from' },
      { line: 7, field: 'phone' },
    ]);
  });

  it('says what it is not', () => {
    expect(readTable('name,phone\n', 'UTC')).toBe('empty');
    expect(readTable('seat,phone\n1,2', 'UTC')).toBe('no-name');
    expect(readTable(`name\n${'A\n'.repeat(20_001)}`, 'UTC')).toBe('too-many');
  });

  it('reads times of the place where it was', () => {
    expect(timeOf('2026-11-26 19:30', 'Europe/Berlin')).toBe('2026-11-26T18:30:00.000Z');
    expect(timeOf('6.7.2026 19:30', 'Europe/Berlin')).toBe('2026-07-06T17:30:00.000Z');
    expect(timeOf('19:30', 'Europe/Berlin')).toBeNull();
  });
});
