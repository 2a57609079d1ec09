/**
 * Reads decimal numbers from bytes, without making strings. The result r satisfies fround(r) = fround(Number(token)).
 *
 * Up to 18 significant digits are gathered in two int32 halves: m = hi · 10^k + lo. Where m ≤ 2^53 and |exponent| ≤ 22, m and
 * the power of ten are doubles and one division is correctly rounded (Clinger 1990), so r = Number(token). Above 2^53, m
 * carries at most two roundings and a cut tail below 1e-17, the division one more: relative error under 4e-16. If
 * r · (1 − 1e-15) and r · (1 + 1e-15) round to one float32, the exact number does too, as rounding is monotone. Else, about once in 10^7
 * tokens, and for exponents beyond 22, `Number` decides.
 */
export class NumberScanner {
  readonly bytes: Uint8Array;
  /** Next byte to read. */
  position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Reads the number that starts at `position` and moves past it. NaN, without moving, where no finite number starts. */
  readNumber(): number {
    const bytes = this.bytes;
    const length = bytes.length;
    let p = this.position;
    let c = p < length ? (bytes[p] as number) : 0;
    const isNegative = c === MINUS;
    if (isNegative || c === PLUS) c = ++p < length ? (bytes[p] as number) : 0;

    let hi = 0;
    let lo = 0;
    let significant = 0; // digits from the first that is not zero
    let exponent = 0;
    let digitCount = 0;
    let hasPoint = false;
    for (;;) {
      const digit = c - ZERO;
      if (digit >= 0 && digit <= 9) {
        digitCount++;
        if (significant > 0 || digit > 0) significant++;
        if (significant <= 9) hi = hi * 10 + digit;
        else if (significant <= 18) lo = lo * 10 + digit;
        if (significant <= 18) {
          if (hasPoint) exponent--;
        } else if (!hasPoint) exponent++;
      } else if (c === POINT && !hasPoint) hasPoint = true;
      else break;
      c = ++p < length ? (bytes[p] as number) : 0;
    }
    if (digitCount === 0) return NaN;
    if (c === LOWER_E || c === UPPER_E) {
      let sign = 1;
      c = ++p < length ? (bytes[p] as number) : 0;
      if (c === MINUS || c === PLUS) {
        if (c === MINUS) sign = -1;
        c = ++p < length ? (bytes[p] as number) : 0;
      }
      let written = 0;
      let exponentDigits = 0;
      for (; c >= ZERO && c <= ZERO + 9; exponentDigits++) {
        if (written < 10_000) written = written * 10 + (c - ZERO);
        c = ++p < length ? (bytes[p] as number) : 0;
      }
      if (exponentDigits === 0) return NaN;
      exponent += sign * written;
    }

    const mantissa = significant <= 9 ? hi : hi * (POWERS[Math.min(significant, 18) - 9] as number) + lo;
    let value: number;
    if (exponent === 0) value = mantissa;
    else if (exponent < 0 && exponent >= -22) value = mantissa / (POWERS[-exponent] as number);
    else if (exponent > 0 && exponent <= 22) value = mantissa * (POWERS[exponent] as number);
    else return this.#readSlowly(p);
    const isExact = significant <= 15 || (significant <= 18 && mantissa <= 2 ** 53);
    if (!isExact && Math.fround(value * (1 - 1e-15)) !== Math.fround(value * (1 + 1e-15))) return this.#readSlowly(p);
    this.position = p;
    return isNegative ? -value : value;
  }

  /** The token has been checked up to `end`; `Number` rounds it correctly. */
  #readSlowly(end: number): number {
    const value = Number(String.fromCharCode(...this.bytes.subarray(this.position, end)));
    if (!Number.isFinite(value)) return NaN;
    this.position = end;
    return value;
  }
}

const ZERO = 48;
const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const UPPER_E = 69;
const LOWER_E = 101;
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
