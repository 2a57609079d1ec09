/** How Python writes numbers and strings in a pickle. All throw an Error saying what came. */

/** A protocol-0 integer, long integer (`12L`) or boolean (`01`). */
export function integerLiteral(text: string): number | bigint | boolean {
  if (text === '00' || text === '01') return text === '01';
  const digits = text.replace(/L$/, '');
  if (!/^[+-]?\d{1,400}$/.test(digits)) throw new Error(`an integer "${digits.slice(0, 20)}"`);
  return plainInteger(BigInt(digits));
}

/** A protocol-0 float: `0.5`, `1e+300`, `-inf`, `nan`. */
export function floatLiteral(text: string): number {
  const value = text === 'nan' ? NaN : Number(text.replace('inf', 'Infinity'));
  if (text.trim() === '' || (Number.isNaN(value) && text !== 'nan')) throw new Error(`a float "${text.slice(0, 20)}"`);
  return value;
}

/** As a number where that is exact. */
export function plainInteger(value: bigint): number | bigint {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

/** Two's complement of any length, as Python writes its long integers. */
export function littleEndian(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  const hex = Buffer.from(bytes).reverse().toString('hex');
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${hex}`));
}

/** A protocol-0 string: Python 2's repr of a byte string. */
export function pythonBytesLiteral(text: string): Uint8Array {
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || !text.endsWith(quote))
    throw new Error('a string without quotes');
  const named: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' };
  const plain = text.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|.)/gs, (whole, escape: string) => {
    if (escape.startsWith('x') && escape.length === 3) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return named[escape] ?? whole;
  });
  return Buffer.from(plain, 'latin1');
}

/** A protocol-0 text: raw-unicode-escape. */
export function rawUnicode(text: string): string {
  return text.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
