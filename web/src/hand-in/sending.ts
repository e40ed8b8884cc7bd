// Handing in, block by block. Ids are made here, so a block that is sent again after a lost connection is the same block.

import { post } from '../api/client.ts';
import type { components } from '../api/schema.d.ts';
import type { Line, WrongLine } from './table.ts';

type Schemas = components['schemas'];
export type Working = Schemas['WorkingCode'];
export type Code = { authority: string; code: string };

/** People of one block: few enough for a slow line, many enough for a stadium. */
export const BLOCK = 500;

export const checkCode = (of: Code) => post<Working>('/occasion-codes', of);

/** A list on its way. */
export type Way = { lines: Line[]; sent: number; taken: number; refused: WrongLine[]; deletedOn: string | null };

export const begin = (lines: Line[]): Way => ({ lines, sent: 0, taken: 0, refused: [], deletedOn: null });

/** Sends the next block, and returns how far the list is then. Throws what went wrong; the same again goes on. */
export async function sendNext(of: Code, way: Way): Promise<Way> {
  const block = way.lines.slice(way.sent, way.sent + BLOCK);
  const visitors = block.map(({ visitor }) => visitor);
  const answer = await post<Schemas['HandedIn']>('/handed-visitors', { ...of, group: null, visitors });
  const refused = answer.refused.map(({ at, field }) => ({ line: block[at]?.line ?? 0, field }));
  return {
    lines: way.lines,
    sent: way.sent + block.length,
    taken: way.taken + answer.n_taken,
    refused: [...way.refused, ...refused],
    deletedOn: answer.deleted_on,
  };
}
