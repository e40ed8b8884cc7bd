// A list as a file: read as spreadsheets write it, its columns known by their headings in three languages.

import { instantOf } from '../venues/times.ts';
import { newId } from '../work/uuid.ts';
import { type NewVisitor, nobody, TEXTS, type Text, wrongOf } from './visitors.ts';

/** Most people of one file. */
export const MOST_PEOPLE = 20_000;
const MOST_OTHERS = 10;

export type Line = { line: number; visitor: NewVisitor };
export type WrongLine = { line: number; field: string };
export type Read = { lines: Line[]; wrong: WrongLine[] } | 'empty' | 'no-name' | 'too-many';

type Column = Text | 'from' | 'until';

const HEADINGS: Record<Column, string[]> = {
  first_name: ['firstname', 'givenname', 'vorname', 'ad', 'isim'],
  last_name: ['lastname', 'surname', 'familyname', 'name', 'nachname', 'familienname', 'soyad'],
  phone: ['phone', 'telephone', 'mobile', 'telefon', 'telefonnummer', 'handy', 'mobil', 'tel'],
  email: ['email', 'mail', 'emailaddress', 'emailadresse', 'eposta'],
  street: ['street', 'straße', 'strasse', 'str', 'sokak', 'cadde'],
  house_number: ['housenumber', 'number', 'hausnummer', 'hausnr', 'nr', 'kapıno', 'no'],
  postcode: ['postcode', 'zip', 'zipcode', 'plz', 'postleitzahl', 'postakodu'],
  city: ['city', 'town', 'ort', 'stadt', 'wohnort', 'şehir', 'il'],
  area: ['area', 'block', 'hall', 'bereich', 'saal', 'halle', 'bölüm'],
  seat: ['seat', 'place', 'platz', 'sitz', 'sitzplatz', 'koltuk'],
  group: ['group', 'class', 'gruppe', 'klasse', 'kurs', 'grup'],
  from: ['from', 'checkin', 'von', 'ab', 'kommen', 'başlangıç', 'giriş'],
  until: ['until', 'to', 'checkout', 'bis', 'gehen', 'bitiş', 'çıkış'],
};

const plain = (heading: string) =>
  heading
    .trim()
    .toLocaleLowerCase('de')
    .replace(/[\s._\-/]/g, '');

/** Splits a file into cells. The separator is the one that its first line has most of. */
export function cellsOf(text: string): string[][] {
  const whole = text.replace(/^\uFEFF/, '');
  const head = whole.split(/\r?\n/, 1)[0] ?? '';
  const count = (sign: string) => head.split(sign).length;
  const separator = [';', ',', '\t'].sort((a, b) => count(b) - count(a))[0] ?? ',';
  const rows: string[][] = [[]];
  let cell = '';
  let isQuoted = false;
  const end = () => {
    rows.at(-1)?.push(cell);
    cell = '';
  };
  for (let i = 0; i < whole.length; i += 1) {
    const sign = whole[i];
    if (isQuoted) {
      if (sign === '"' && whole[i + 1] === '"') i += 1;
      else if (sign === '"') {
        isQuoted = false;
        continue;
      }
      cell += whole[i];
    } else if (sign === '"' && cell === '') isQuoted = true;
    else if (sign === separator) end();
    else if (sign === '\n') {
      end();
      rows.push([]);
    } else if (sign !== '\r') cell += sign;
  }
  end();
  return rows;
}

/** Reads the bytes of a file: UTF-8, or what older spreadsheets write. */
export function textOf(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Returns the instant of `2026-11-26 19:30` or `26.11.2026 19:30` in a time zone; null for anything else. */
export function timeOf(text: string, zone: string): string | null {
  const iso = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::\d\d)?$/.exec(text);
  const german = /^(\d{1,2})\.(\d{1,2})\.(\d{4}),? (\d\d:\d\d)(?::\d\d)?$/.exec(text);
  if (iso) return instantOf(`${iso[1]}T${iso[2]}`, zone);
  if (!german) return null;
  const [, day = '', month = '', year, time] = german;
  return instantOf(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}T${time}`, zone);
}

/** Reads a list. Each person gets an id here, so that sending it again is the same list. */
export function readTable(text: string, zone: string): Read {
  const [head = [], ...rows] = cellsOf(text);
  const columns = head.map(
    (heading) =>
      (Object.keys(HEADINGS) as Column[]).find((name) => HEADINGS[name].includes(plain(heading))) ?? heading.trim(),
  );
  const filled = rows
    .map((cells, at) => ({ cells, line: at + 2 }))
    .filter(({ cells }) => cells.some((one) => one.trim()));
  if (filled.length === 0) return 'empty';
  if (!columns.includes('last_name') && !columns.includes('first_name')) return 'no-name';
  if (filled.length > MOST_PEOPLE) return 'too-many';
  const lines: Line[] = [];
  const wrong: WrongLine[] = [];
  for (const { cells, line } of filled) {
    const visitor = nobody(newId());
    let field = fill(visitor, columns, cells, zone);
    field ??= wrongOf(visitor);
    if (field) wrong.push({ line, field });
    else lines.push({ line, visitor });
  }
  return { lines, wrong };
}

/** Puts the cells of a line where they belong. Returns the field that can't be read. */
function fill(visitor: NewVisitor, columns: string[], cells: string[], zone: string): string | null {
  let wrong: string | null = null;
  columns.forEach((column, at) => {
    const value = (cells[at] ?? '').trim();
    if (!value) return;
    if (column === 'from' || column === 'until') {
      visitor[column] = timeOf(value, zone);
      if (!visitor[column]) wrong ??= column;
    } else if (TEXTS.includes(column as Text)) {
      visitor[column as Text] = value;
    } else if (column) {
      visitor.qualifiers.push({ label: column.slice(0, 40), value });
    }
  });
  return wrong ?? (visitor.qualifiers.length > MOST_OTHERS ? 'qualifiers' : null);
}
