/** What a restricted pickle may hold, besides null, booleans, numbers, bigints, byte strings (Uint8Array) and lists (arrays). */

/** An element type of an array: the letter and size numpy writes (`f8`), and whether its bytes are big-endian. */
export interface NumpyDtype {
  readonly type: 'dtype';
  readonly code: string;
  isBigEndian: boolean;
}

/** An array as pickled. `data` is its bytes, or a list of objects for dtype `O`. */
export interface NumpyArray {
  readonly type: 'ndarray';
  shape: readonly number[];
  dtype: NumpyDtype | undefined;
  isFortranOrder: boolean;
  data: Uint8Array | readonly unknown[] | undefined;
}

/** Text, kept as its UTF-8 bytes until someone asks: numpy arrays written by Python 2 travel as megabytes of text. */
export class PickleText {
  readonly utf8: Uint8Array;
  #latin1: Uint8Array | undefined;

  constructor(utf8: Uint8Array) {
    this.utf8 = utf8;
  }

  toString(): string {
    return Buffer.from(this.utf8.buffer, this.utf8.byteOffset, this.utf8.length).toString('utf8');
  }

  /**
   * The text's code points as bytes; undefined where one is above 255 or the UTF-8 is broken. Made once, so that a pickle
   * which names the same text a million times costs one copy.
   */
  toLatin1(): Uint8Array | undefined {
    return (this.#latin1 ??= latin1(this.utf8));
  }
}

export class PickleTuple {
  readonly items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

/** The text of a text or byte string; undefined for everything else, which must not be turned into text (it may be cyclic). */
export function pickleString(value: unknown): string | undefined {
  if (value instanceof PickleText) return value.toString();
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : undefined;
}

function latin1(utf8: Uint8Array): Uint8Array | undefined {
  const out = new Uint8Array(utf8.length);
  let length = 0;
  for (let i = 0; i < utf8.length; i++) {
    const c = utf8[i] as number;
    if (c < 0x80) out[length++] = c;
    else {
      const next = utf8[++i];
      if ((c !== 0xc2 && c !== 0xc3) || next === undefined || (next & 0xc0) !== 0x80) return undefined;
      out[length++] = ((c & 3) << 6) | (next & 0x3f);
    }
  }
  return out.subarray(0, length);
}
