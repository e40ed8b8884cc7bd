// Which actions a few typed letters mean.

/** Returns what matches, best first: the beginning of the name, of a word, then anywhere. */
export function matching<T extends { name: string }>(all: T[], text: string): T[] {
  const wanted = fold(text.trim());
  if (!wanted) return all;
  const rank = (name: string) => {
    const folded = fold(name);
    if (folded.startsWith(wanted)) return 0;
    if (folded.split(/\s+/).some((word) => word.startsWith(wanted))) return 1;
    return folded.includes(wanted) ? 2 : 3;
  };
  return all
    .map((one, order) => ({ one, order, rank: rank(one.name) }))
    .filter((found) => found.rank < 3)
    .sort((a, b) => a.rank - b.rank || a.order - b.order)
    .map((found) => found.one);
}

const fold = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase();
