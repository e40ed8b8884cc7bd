// What a map draws, frame by frame: only when something changed, or while nodes glide. Holds no state of the page.

import { coloursOf, Renderer } from './renderer.ts';
import type { Shown } from './run.svelte.ts';
import { nodeSize, type Point, type Space, scaleOf, toScreen, type View } from './viewport.ts';

export type Marks = { field: SVGRectElement; ring: SVGCircleElement; radius: SVGCircleElement };

const RING_PX = 11;

export class Scene {
  view: View;
  space: Space;
  figures = false;
  picked: number | null = null;
  /** How far the picked node is heard, in steps. */
  radius = 0;
  /** Nothing moves by itself. */
  still = false;
  readonly #canvas: HTMLCanvasElement;
  readonly #marks: Marks;
  #renderer: Renderer | null = null;
  #shown: Shown | null = null;
  #isNew = false;
  #since = 0;
  #before: (Point & { no: number }) | null = null;
  #last: (Point & { no: number }) | null = null;
  #frame = 0;
  #drawn = 0;

  constructor(canvas: HTMLCanvasElement, marks: Marks, view: View, space: Space) {
    this.#canvas = canvas;
    this.#marks = marks;
    this.view = view;
    this.space = space;
  }

  /** Begins to draw; false where the browser can't. */
  start(): boolean {
    this.#renderer = Renderer.on(this.#canvas, coloursOf(this.#canvas));
    this.#isNew = this.#shown !== null;
    this.ask();
    return this.#renderer !== null;
  }

  /** The card has forgotten everything. */
  lose() {
    this.#renderer = null;
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.#renderer?.free();
    this.#renderer = null;
  }

  show(shown: Shown) {
    // The picture is the same object with other numbers, so the place of the picked node is kept here.
    this.#before = this.#last?.no === this.picked ? this.#last : null;
    this.#shown = shown;
    this.#isNew = true;
    this.#since = performance.now();
    this.ask();
  }

  /** Draws soon. */
  ask() {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame((now) => {
      this.#frame = 0;
      this.#draw(now);
    });
  }

  #draw(now: number) {
    const { view, space, figures } = this;
    const shown = this.#shown;
    const pxPerStep = scaleOf(view, space);
    const glideMs = this.still ? 0 : (shown?.glideMs ?? 0);
    const glide = glideMs > 0 ? Math.max(0, Math.min(1, (now - this.#since) / glideMs)) : 1;
    const farthest = shown ? 1.5 * Math.max(1, shown.seconds) + 1 : 1;
    if (this.#renderer && shown) {
      if (this.#isNew) this.#renderer.show(shown.picture);
      this.#isNew = false;
      const ratio = this.#canvas.width / Math.max(1, space.width);
      const size = nodeSize(view, space, shown.picture.n, figures);
      this.#renderer.draw({ view, space, ratio, glide, farthest, size, figures });
      this.#drawn += 1;
      this.#canvas.dataset.drawn = String(this.#drawn);
    }
    this.#mark(shown, glide, farthest, pxPerStep);
    if (glide < 1) this.ask();
  }

  /** Draws the edge of the field, and the rings around the picked node. */
  #mark(shown: Shown | null, glide: number, farthest: number, pxPerStep: number) {
    const { view, space, picked } = this;
    const { field, ring, radius } = this.#marks;
    const corner = toScreen(view, space, { x: 0, y: space.fieldHeight });
    field.setAttribute('x', String(corner.x));
    field.setAttribute('y', String(corner.y));
    field.setAttribute('width', String(space.fieldWidth * pxPerStep));
    field.setAttribute('height', String(space.fieldHeight * pxPerStep));
    if (picked === null || !shown?.picture.knows(picked)) {
      ring.style.display = 'none';
      radius.style.display = 'none';
      this.#last = null;
      return;
    }
    const now = { x: shown.picture.x[picked] ?? 0, y: shown.picture.y[picked] ?? 0 };
    this.#last = { ...now, no: picked };
    const before = this.#before ?? now;
    const isFar = Math.abs(before.x - now.x) + Math.abs(before.y - now.y) > farthest;
    const along = isFar ? 0 : 1 - glide;
    const at = toScreen(view, space, { x: now.x + (before.x - now.x) * along, y: now.y + (before.y - now.y) * along });
    for (const circle of [ring, radius]) {
      circle.style.display = '';
      circle.setAttribute('cx', at.x.toFixed(1));
      circle.setAttribute('cy', at.y.toFixed(1));
    }
    const size = nodeSize(view, space, shown.picture.n, this.figures);
    ring.setAttribute('r', String(Math.max(RING_PX, size * 0.75)));
    radius.setAttribute('r', String(Math.max(1, this.radius * pxPerStep)));
  }
}
