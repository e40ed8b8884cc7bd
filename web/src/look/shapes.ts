// The shapes that stand beside words. Each is drawn in a square of 12 by 12, in the colour of the text.

/** A stroke of zero is a filled path. */
export type ShapePath = { d: string; stroke: number; dash?: string };

const ring = 'M6 1.700a4.300 4.300 0 1 1 0 8.600a4.300 4.300 0 1 1 0-8.600z';

export const SHAPES = {
  triangle: [{ d: 'M6 .9 11.7 11.2H.3z', stroke: 0 }],
  circle: [{ d: 'M6 1a5 5 0 1 1 0 10a5 5 0 1 1 0-10z', stroke: 0 }],
  square: [{ d: 'M1.2 1.2h9.6v9.6H1.2z', stroke: 0 }],
  squareo: [{ d: 'M2 2h8v8H2z', stroke: 1.8 }],
  mail: [{ d: 'M1 2.4h10v7.2H1zM1 3l5 3.8L11 3', stroke: 1.5 }],
  diamond: [{ d: 'M6 1 11 6l-5 5-5-5z', stroke: 1.8 }],
  half: [
    { d: 'M6 1 11 6l-5 5-5-5z', stroke: 1.8 },
    { d: 'M6 1v10L1 6z', stroke: 0 },
  ],
  solid: [{ d: 'M6 .6 11.400 6 6 11.400.6 6z', stroke: 0 }],
  ring: [{ d: ring, stroke: 1.8 }],
  dashring: [{ d: ring, stroke: 1.8, dash: '2.4 2.3' }],
  cross: [{ d: 'M2 2l8 8M10 2l-8 8', stroke: 2.2 }],
  pin: [{ d: 'M1 1h10v4.6L6 11.4 1 5.6z', stroke: 0 }],
  test: [
    { d: 'M1.9 1.9h8.2v8.2H1.9z', stroke: 1.6 },
    { d: 'M6 3.6v4.8M3.6 6h4.8', stroke: 1.6 },
  ],
  page: [{ d: 'M2.6 1h4.8l2.2 2.4V11h-7zM4.4 5.4h3.4M4.4 7.8h3.4', stroke: 1.4 }],
  chevron: [{ d: 'm4 2 4.200 4L4 10', stroke: 1.8 }],
  menu: [{ d: 'M1 3h10M1 6h10M1 9h10', stroke: 1.6 }],
  search: [
    { d: 'M5 1.400a3.600 3.600 0 1 1 0 7.200a3.600 3.600 0 1 1 0-7.200z', stroke: 1.5 },
    { d: 'm7.700 7.700 3.300 3.300', stroke: 1.5 },
  ],
  clock: [
    { d: 'M6 1.400a4.600 4.600 0 1 1 0 9.200a4.600 4.600 0 1 1 0-9.200z', stroke: 1.6 },
    { d: 'M6 3.4V6l2 1.4', stroke: 1.6 },
  ],
  phone: [
    {
      d: 'M3.4.9 1.6 2.2c0 4.6 3.6 8.2 8.2 8.2l1.3-1.8-2.5-1.9-1.2 1C6 7.100 4.900 6 4.300 4.600l1-1.200z',
      stroke: 0,
    },
  ],
  check: [{ d: 'm1.600 6.400 3 3 6-6.800', stroke: 2.2 }],
  alert: [
    { d: 'M6 .9 11.700 11.200H.3z', stroke: 1.5 },
    { d: 'M6 4.400v3.200M6 8.700v1.300', stroke: 1.5 },
  ],
  lock: [{ d: 'M2.200 5.400h7.600V11H2.200zM3.800 5.400V3.800a2.200 2.200 0 0 1 4.400 0v1.600', stroke: 1.5 }],
  more: [{ d: 'M.5 4.800h2.400v2.400H.5zM4.800 4.800h2.400v2.400H4.800zM9.100 4.800h2.400v2.400H9.100z', stroke: 0 }],
  hatch: [
    { d: 'M6 1a5 5 0 1 1 0 10a5 5 0 1 1 0-10z', stroke: 1.4 },
    { d: 'M2.200 7 7 2.200M3 9.800 9.800 3M5.200 10.600l5.400-5.400', stroke: 1.2 },
  ],
  play: [{ d: 'M2 1l9 5-9 5z', stroke: 0 }],
  pause: [{ d: 'M2 1h3v10H2zM7 1h3v10H7z', stroke: 0 }],
  minus: [{ d: 'M2 6h8', stroke: 1.8 }],
  plus: [{ d: 'M6 2v8M2 6h8', stroke: 1.8 }],
  whole: [{ d: 'M1.500 4V1.500H4M8 1.500h2.500V4M10.500 8v2.500H8M4 10.500H1.500V8', stroke: 1.6 }],
  left: [{ d: 'M8 2 3.800 6 8 10', stroke: 1.8 }],
  close: [{ d: 'M2 2l8 8M10 2l-8 8', stroke: 1.6 }],
} satisfies Record<string, ShapePath[]>;

export type ShapeName = keyof typeof SHAPES;
