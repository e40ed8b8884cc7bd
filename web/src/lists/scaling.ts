// A list that is longer than a browser can scroll. Browsers cap the height of an element (Chromium at
// 33,554,432 px), so the scrollable height is capped here and one pixel of the bar stands for more than one
// pixel of the list. The end of the bar is the end of the list, to the pixel.

export const TALLEST_PX = 8_000_000;

export type Scaling = { spacerPx: number; scale: number };

/** Returns the scrollable height and how much further the list moves than the bar. */
export function scaling(nRows: number, rowPx: number, viewPx: number): Scaling {
  const fullPx = nRows * rowPx;
  if (fullPx <= TALLEST_PX) return { spacerPx: fullPx, scale: 1 };
  return { spacerPx: TALLEST_PX, scale: (fullPx - viewPx) / (TALLEST_PX - viewPx) };
}

/** Returns the rows to draw, `last` excluded, and where the first of them goes inside the spacer. */
export function visibleRows(
  scrollPx: number,
  nRows: number,
  rowPx: number,
  viewPx: number,
  spare: number,
): { first: number; last: number; topPx: number } {
  const { scale } = scaling(nRows, rowPx, viewPx);
  const offsetPx = scrollPx * scale;
  const first = Math.max(0, Math.floor(offsetPx / rowPx) - spare);
  const last = Math.min(nRows, Math.ceil((offsetPx + viewPx) / rowPx) + spare);
  return { first, last, topPx: first * rowPx - offsetPx + scrollPx };
}

/** Returns where the bar must be so that a row is wholly visible, or null where it already is. */
export function scrollToRow(
  row: number,
  scrollPx: number,
  nRows: number,
  rowPx: number,
  viewPx: number,
): number | null {
  const { scale } = scaling(nRows, rowPx, viewPx);
  const offsetPx = scrollPx * scale;
  const topPx = row * rowPx;
  if (topPx < offsetPx) return topPx / scale;
  if (topPx + rowPx > offsetPx + viewPx) return (topPx + rowPx - viewPx) / scale;
  return null;
}
