// The figures, drawn side by side into one picture for the graphics card.

import { FIGURE_SIZE, FIGURES } from './figures.ts';
import { SHAPES } from './frames.ts';

const CELL_PX = 64;
const MARGIN_PX = 4;

/** Returns a cell for each state, in their order. Null where the browser draws nothing. */
export function drawAtlas(colours: string[], edge: string): HTMLCanvasElement | null {
  const canvas = document.createElement('canvas');
  canvas.width = CELL_PX * SHAPES.length;
  canvas.height = CELL_PX;
  const draw = canvas.getContext('2d');
  if (!draw) return null;
  const scale = (CELL_PX - 2 * MARGIN_PX) / FIGURE_SIZE;
  for (const [cell, shape] of SHAPES.entries()) {
    draw.setTransform(scale, 0, 0, scale, cell * CELL_PX + MARGIN_PX, MARGIN_PX);
    draw.lineJoin = 'round';
    for (const { d, line } of FIGURES[shape]) {
      const path = new Path2D(d);
      // A dark edge tells those who stand before each other apart.
      draw.strokeStyle = edge;
      draw.lineWidth = line ? line + 1.5 : 1.5;
      draw.stroke(path);
      draw.strokeStyle = colours[cell] ?? '';
      draw.fillStyle = colours[cell] ?? '';
      draw.lineWidth = line ?? 0;
      if (line) draw.stroke(path);
      else draw.fill(path, 'evenodd');
    }
  }
  return canvas;
}
