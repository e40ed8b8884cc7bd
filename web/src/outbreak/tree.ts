// Chains of infection as rows of a tree, left to right by onset or by generation. Who infected nobody comes
// before who did, so that a subtree hangs together and can be closed.

import type { ChainLink, ChainNode } from '../api/types.ts';

export type TreeRow = {
  node: ChainNode;
  parent: number | null;
  depth: number;
  row: number;
  nChildren: number;
  nBelow: number;
  open: boolean;
};
export type Tree = { rows: TreeRow[]; others: { from: number; to: number }[]; nRoots: number };

type Item = { node: ChainNode; children: Item[]; nBelow: number };

/** Returns the trees: every case that has a link, below the infector that is drawn first. */
export function forest(nodes: ChainNode[], links: ChainLink[]): Item[] {
  const items = new Map(nodes.map((node): [string, Item] => [node.case_id, { node, children: [], nBelow: 0 }]));
  const hasParent = new Set<string>();
  for (const link of links) {
    if (!link.first || hasParent.has(link.infected)) continue;
    const [from, to] = [items.get(link.infector), items.get(link.infected)];
    if (!from || !to || from === to) continue;
    from.children.push(to);
    hasParent.add(link.infected);
  }
  const roots = [...items.values()].filter((item) => item.children.length > 0 && !hasParent.has(item.node.case_id));
  for (const root of roots) settle(root);
  return roots.sort((a, b) => b.nBelow - a.nBelow || byOnset(a, b));
}

// Without recursion: a chain may be thousands of cases deep.
function settle(root: Item) {
  const order: Item[] = [root];
  for (const item of order) order.push(...item.children);
  for (const item of order.toReversed()) {
    item.nBelow = item.children.reduce((sum, child) => sum + 1 + child.nBelow, 0);
    item.children.sort((a, b) => a.nBelow - b.nBelow || byOnset(a, b));
    const leaves = item.children.filter((child) => child.nBelow === 0).sort(byOnset);
    item.children = [...leaves, ...item.children.filter((child) => child.nBelow > 0)];
  }
}

const byOnset = (a: Item, b: Item) =>
  (a.node.symptom_onset ?? '9').localeCompare(b.node.symptom_onset ?? '9') ||
  (a.node.reference ?? '').localeCompare(b.node.reference ?? '', undefined, { numeric: true });

/** Returns the rows that are seen while some subtrees are closed. */
export function treeRows(roots: Item[], closed: ReadonlySet<string>, links: ChainLink[]): Tree {
  const rows: TreeRow[] = [];
  const at = new Map<string, number>();
  let row = 0;
  const stack: { item: Item; parent: number | null; depth: number }[] = [];
  for (const root of roots) {
    if (rows.length) row += 1;
    stack.push({ item: root, parent: null, depth: 0 });
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { item, parent, depth } = next;
      const open = !closed.has(item.node.case_id);
      // A subtree keeps a little distance, so that its label has room.
      if (item.children.length > 0 && depth > 0) row += 1;
      const index =
        rows.push({
          node: item.node,
          parent,
          depth,
          row,
          nChildren: item.children.length,
          nBelow: item.nBelow,
          open: open && item.children.length > 0,
        }) - 1;
      at.set(item.node.case_id, index);
      row += 1;
      if (!open) continue;
      for (const child of item.children.toReversed()) stack.push({ item: child, parent: index, depth: depth + 1 });
    }
  }
  const others = links
    .filter((link) => !link.first)
    .map((link) => ({ from: at.get(link.infector), to: at.get(link.infected) }))
    .filter((link): link is { from: number; to: number } => link.from !== undefined && link.to !== undefined);
  return { rows, others, nRoots: roots.length };
}

/** Returns how many cases each chain has that is linked, the largest first. A second named infector joins two trees. */
export function chainSizes(links: ChainLink[]): number[] {
  const above = new Map<string, string>();
  const rootOf = (id: string) => {
    let at = id;
    for (let next = above.get(at); next !== undefined && next !== at; next = above.get(at)) at = next;
    above.set(id, at);
    return at;
  };
  for (const link of links) above.set(rootOf(link.infected), rootOf(link.infector));
  const sizes = new Map<string, number>();
  for (const id of above.keys()) sizes.set(rootOf(id), (sizes.get(rootOf(id)) ?? 0) + 1);
  return [...sizes.values()].sort((a, b) => b - a);
}

/** Returns the subtrees to close at first, so that no more rows are drawn than can be read. */
export function closedAtFirst(roots: Item[], mostRows: number): Set<string> {
  const closed = new Set<string>();
  let budget = mostRows - roots.length;
  const queue = [...roots];
  for (const item of queue) {
    if (item.children.length === 0) continue;
    if (item.children.length > budget) closed.add(item.node.case_id);
    else {
      budget -= item.children.length;
      queue.push(...item.children);
    }
  }
  return closed;
}
