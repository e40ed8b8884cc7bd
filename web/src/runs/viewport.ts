// What part of the field is seen: pixels from steps and back. The zoom is told relative to the whole field, so that a view
// means the same on a telephone.

/** The middle in steps, and how much larger than when the whole field is seen. */
export type View = { x: number; y: number; zoom: number };
/** The window in CSS pixels, and the field in steps. */
export type Space = { width: number; height: number; fieldWidth: number; fieldHeight: number };
export type Point = { x: number; y: number };

const MARGIN_PX = 24;
/** A step is never larger than this. */
const MOST_PX_PER_STEP = 96;
const LEAST_ZOOM = 0.5;
export const ZOOM_STEP = 1.5;

export function whole({ fieldWidth, fieldHeight }: Pick<Space, 'fieldWidth' | 'fieldHeight'>): View {
  return { x: fieldWidth / 2, y: fieldHeight / 2, zoom: 1 };
}

/** Pixels of a step at a zoom of 1. */
function fitting({ width, height, fieldWidth, fieldHeight }: Space): number {
  const across = Math.max(16, width - 2 * MARGIN_PX) / fieldWidth;
  const up = Math.max(16, height - 2 * MARGIN_PX) / fieldHeight;
  return Math.min(across, up);
}

/** Pixels of a step. */
export function scaleOf(view: View, space: Space): number {
  return fitting(space) * view.zoom;
}

export function toScreen(view: View, space: Space, at: Point): Point {
  const scale = scaleOf(view, space);
  return { x: space.width / 2 + (at.x - view.x) * scale, y: space.height / 2 - (at.y - view.y) * scale };
}

export function toField(view: View, space: Space, at: Point): Point {
  const scale = scaleOf(view, space);
  return { x: view.x + (at.x - space.width / 2) / scale, y: view.y - (at.y - space.height / 2) / scale };
}

/** Keeps the middle on the field and the zoom within reason. */
export function kept(view: View, space: Space): View {
  const most = Math.max(1, MOST_PX_PER_STEP / fitting(space));
  return {
    x: Math.max(0, Math.min(space.fieldWidth, view.x)),
    y: Math.max(0, Math.min(space.fieldHeight, view.y)),
    zoom: Math.max(LEAST_ZOOM, Math.min(most, view.zoom)),
  };
}

/** Moves what is seen by pixels, as a finger drags it. */
export function pan(view: View, space: Space, dx: number, dy: number): View {
  const scale = scaleOf(view, space);
  return kept({ ...view, x: view.x - dx / scale, y: view.y + dy / scale }, space);
}

/** Zooms so that what is at a point of the window stays there. */
export function zoomAt(view: View, space: Space, factor: number, at: Point): View {
  const under = toField(view, space, at);
  const { zoom } = kept({ ...view, zoom: view.zoom * factor }, space);
  const there = toField({ ...view, zoom }, space, at);
  return kept({ x: view.x + under.x - there.x, y: view.y + under.y - there.y, zoom }, space);
}

export const middle = ({ width, height }: Space): Point => ({ x: width / 2, y: height / 2 });

/** Moves the view no further than needed to have a place in it. */
export function withinSight(view: View, space: Space, at: Point): View {
  const { x, y } = toScreen(view, space, at);
  const isSeen = x >= MARGIN_PX && y >= MARGIN_PX && x <= space.width - MARGIN_PX && y <= space.height - MARGIN_PX;
  return isSeen ? view : kept({ ...view, x: at.x, y: at.y }, space);
}

/** Which node is nearest to a place, within a distance in steps; null if none is. */
export function nearest(
  nodes: { n: number; x: Uint16Array; y: Uint16Array; knows: (no: number) => boolean },
  at: Point,
  within: number,
): number | null {
  const { n, x, y } = nodes;
  let least = within * within;
  let found: number | null = null;
  for (let no = 0; no < n; no += 1) {
    const dx = (x[no] as number) - at.x;
    const dy = (y[no] as number) - at.y;
    const distance = dx * dx + dy * dy;
    if (distance <= least && nodes.knows(no)) {
      least = distance;
      found = no;
    }
  }
  return found;
}

/** The next known node in the order of numbers, round and round; null if there is none. */
export function neighbour(nodes: { n: number; knows: (no: number) => boolean }, from: number | null, by: 1 | -1) {
  const { n } = nodes;
  if (n === 0) return null;
  let no = from === null ? (by === 1 ? -1 : 0) : from;
  for (let tried = 0; tried < n; tried += 1) {
    no = (no + by + n) % n;
    if (nodes.knows(no)) return no;
  }
  return null;
}

/** How large a node is drawn, in CSS pixels: as its step, but to be seen, and not so that a crowd is one blot. */
export function nodeSize(view: View, space: Space, n: number, realism: boolean): number {
  const pxPerStep = scaleOf(view, space);
  const apart = pxPerStep * Math.sqrt((space.fieldWidth * space.fieldHeight) / Math.max(1, n));
  const least = Math.max(2, Math.min(10, apart * 0.6));
  const size = Math.max(least, Math.min(24, pxPerStep * 1.1));
  return realism ? Math.max(size * 1.6, Math.min(20, apart)) : size;
}
