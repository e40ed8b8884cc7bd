// Frames as they are stored: of several chains, packed by zstd.

import { decompress } from 'fzstd';
import { Bytes } from './bytes.ts';

export type StoredFrame = { second: number; kind: number; chain: number; part: number; packed: Uint8Array };

/** Reads what `/frames` answers, in the order in which frames are applied: by second, kind and number. */
export function readStored(answer: Uint8Array): StoredFrame[] {
  const rest = new Bytes(answer);
  const frames: StoredFrame[] = [];
  while (rest.left > 0) {
    const [second, kind, chain, part] = [rest.u32(), rest.u8(), rest.u16(), rest.u32()];
    const length = rest.u32();
    const from = rest.take(length);
    frames.push({ second, kind, chain, part, packed: answer.subarray(from, from + length) });
  }
  return frames.sort((a, b) => a.second - b.second || a.kind - b.kind || a.part - b.part);
}

/** Returns the bytes of a frame. */
export function unpacked(frame: StoredFrame): Uint8Array {
  return decompress(frame.packed);
}
