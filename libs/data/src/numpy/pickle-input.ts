/** Bytes of a pickle, read front to back. Lengths are checked against what remains before anything is made of them. */
export class PickleInput {
  position: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #damaged: (what: string) => Error;

  constructor(bytes: Uint8Array, start: number, damaged: (what: string) => Error) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = start;
    this.#damaged = damaged;
  }

  get remaining(): number {
    return this.#bytes.length - this.position;
  }

  /** The next bytes, as a view: nothing is copied. */
  take(length: number): Uint8Array {
    const from = this.#advance(length);
    return this.#bytes.subarray(from, from + length);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  /** A length; those beyond 2^53 cannot be meant. */
  uint64(): number {
    const value = this.#view.getBigUint64(this.#advance(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.#damaged(`a length of ${value} bytes`);
    return Number(value);
  }

  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** Up to the next line feed, which is passed over. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.position);
    if (end < 0) throw this.#damaged('a line without an end');
    const text = Buffer.from(this.take(end - this.position)).toString('latin1');
    this.position++;
    return text;
  }

  #advance(length: number): number {
    if (!(length >= 0) || length > this.remaining) {
      throw this.#damaged(`a length of ${length} where ${this.remaining} bytes remain`);
    }
    this.position += length;
    return this.position - length;
  }
}
