// People and zombies, for those who like to see them: drawn here, in a square of 24 by 24, and filled with the colour of
// their state. The same figures stand in the legend.

import type { NodeShape } from './frames.ts';

/** Filled paths; where `line` is set it is a stroke of that width. */
export type FigurePath = { d: string; line?: number };

const HEAD = 'M12 1.500a3.300 3.300 0 1 1 0 6.600a3.300 3.300 0 1 1 0-6.600z';
const BODY =
  'M8.500 9h7a2.200 2.200 0 0 1 2.200 2.200v5.300h-1.900v6.500h-3v-5.600h-1.600V23h-3v-6.500H6.300v-5.300A2.200 2.200 0 0 1 8.500 9z';

export const FIGURES: Record<NodeShape, FigurePath[]> = {
  susceptible: [{ d: HEAD }, { d: BODY }],
  // Leans forward, both arms stretched out, one leg behind.
  infected: [
    { d: 'M9.400 1.700a3.300 3.300 0 1 1-1 6.500a3.300 3.300 0 1 1 1-6.500z' },
    {
      d: 'M6.200 9.100l5.200-.300 10.800-.900.200 2.500-8.900 1.400 7.900.700-.300 2.500-8.600-.200.900 3.200 3 5-2.600 1.400-4-5.400-1.900-.600-2.600 5.600-2.800-1.100 2.500-6.600z',
    },
  ],
  // Carries a shield.
  immune: [
    { d: HEAD },
    { d: 'M8.500 9h7a2.200 2.200 0 0 1 2.200 2.200v.6l-5.700-2-5.700 2v-.6A2.200 2.200 0 0 1 8.500 9z' },
    { d: 'M12 11.200l6.200 2.200c0 4.600-2 7.900-6.200 9.900-4.200-2-6.200-5.300-6.200-9.900z' },
  ],
  // A stone with a cross.
  dead: [{ d: 'M5 23V9.500a7 7 0 0 1 14 0V23zM11 6.500v3H8.500v2.200H11V18h2v-6.300h2.500V9.500H13v-3z' }],
  // An outline.
  silent: [
    { d: HEAD, line: 1.5 },
    { d: BODY, line: 1.5 },
  ],
};
export const FIGURE_SIZE = 24;
