// Reading of little-endian bytes, one after the other.

/** A frame that can't be read. Whoever meets one asks for a key frame again. */
export class BadFrame extends Error {
  constructor(readonly why: 'short' | 'long' | 'kind' | 'range' | 'unknown') {
    super(`bad frame: ${why}`);
  }
}

/** Takes bytes from the front. */
export class Bytes {
  at = 0;

  constructor(readonly all: Uint8Array) {}

  get left(): number {
    return this.all.length - this.at;
  }

  /** Steps over so many bytes and returns where they begin. */
  take(n: number): number {
    const from = this.at;
    if (n > this.all.length - from) throw new BadFrame('short');
    this.at = from + n;
    return from;
  }

  u8(): number {
    return this.all[this.take(1)] as number;
  }

  u16(): number {
    return u16(this.all, this.take(2));
  }

  u32(): number {
    const from = this.take(4);
    return (u16(this.all, from) | (u16(this.all, from + 2) << 16)) >>> 0;
  }

  /** Seven bits a byte, low first, below 2³². */
  varint(): number {
    const { all } = this;
    let { at } = this;
    let number = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = all[at];
      if (byte === undefined) throw new BadFrame('short');
      at += 1;
      // Beyond 31 bits a shift would turn negative.
      number += shift < 28 ? (byte & 0x7f) << shift : (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (number > 0xffff_ffff) throw new BadFrame('range');
        this.at = at;
        return number;
      }
    }
    throw new BadFrame('range');
  }
}

/** Reads two bytes. */
export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}
