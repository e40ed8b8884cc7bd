// What is shown of a list: found by a word, and one of those that somebody said are the same person.

import type { GuestList } from './types.ts';

export type Entry = GuestList['entries'][number];

const folded = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Lists the entries that may be one person, by their number. */
export function pairsOf(entries: Entry[]): [number, Entry[]][] {
  const groups = new Map<number, Entry[]>();
  for (const entry of entries) {
    if (entry.double == null) continue;
    groups.set(entry.double, [...(groups.get(entry.double) ?? []), entry]);
  }
  return [...groups];
}

/** Lists the entries that hold all words of a text, each merged group once. Nothing of a merge is stored anywhere. */
export function shownOf(entries: Entry[], text: string, merged: number[]): Entry[] {
  const words = folded(text).split(/\s+/).filter(Boolean);
  const seen = new Set<number>();
  return entries.filter((entry) => {
    const all = folded([entry.name, entry.phone, entry.email, entry.area].filter(Boolean).join(' '));
    if (!words.every((word) => all.includes(word))) return false;
    if (entry.double == null || !merged.includes(entry.double)) return true;
    if (seen.has(entry.double)) return false;
    seen.add(entry.double);
    return true;
  });
}
