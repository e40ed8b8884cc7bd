// Fingers and mice on the map: dragging, pinching, wheel, a tap.

import type { Point } from './viewport.ts';

export type Gestures = {
  pan: (dx: number, dy: number) => void;
  zoom: (factor: number, at: Point) => void;
  tap: (at: Point) => void;
};

const TAP_PX = 6;
const WHEEL = 0.0015;

/** Listens on an element until the returned function is called. Places are in CSS pixels from its upper left corner. */
export function gestures(element: HTMLElement, { pan, zoom, tap }: Gestures): () => void {
  const down = new Map<number, Point>();
  let moved = 0;

  const place = (event: { clientX: number; clientY: number }): Point => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const press = (event: PointerEvent) => {
    if (event.pointerType === 'mouse' && event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    if (down.size === 0) moved = 0;
    down.set(event.pointerId, place(event));
  };
  const move = (event: PointerEvent) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const now = place(event);
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    moved += Math.hypot(dx, dy);
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    down.set(event.pointerId, now);
    if (!other) {
      if (moved > TAP_PX) pan(dx, dy);
      return;
    }
    const apart = Math.hypot(before.x - other.x, before.y - other.y);
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    if (apart > 0) zoom(Math.hypot(now.x - other.x, now.y - other.y) / apart, middle);
    pan(dx / 2, dy / 2);
  };
  const lift = (event: PointerEvent) => {
    const at = down.get(event.pointerId);
    down.delete(event.pointerId);
    if (!at) return;
    if (event.type === 'pointerup' && down.size === 0 && moved <= TAP_PX) tap(at);
    // The finger that stays must not make a tap of the end of a pinch.
    if (down.size > 0) moved = Number.POSITIVE_INFINITY;
  };
  const roll = (event: WheelEvent) => {
    event.preventDefault();
    const px = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
    zoom(Math.exp(-px * WHEEL), place(event));
  };

  element.addEventListener('pointerdown', press);
  element.addEventListener('pointermove', move);
  element.addEventListener('pointerup', lift);
  element.addEventListener('pointercancel', lift);
  element.addEventListener('wheel', roll, { passive: false });
  return () => {
    element.removeEventListener('pointerdown', press);
    element.removeEventListener('pointermove', move);
    element.removeEventListener('pointerup', lift);
    element.removeEventListener('pointercancel', lift);
    element.removeEventListener('wheel', roll);
  };
}
