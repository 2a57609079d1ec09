import { InputError } from '@kinetune/study';
import { NumberScanner } from './number-scanner.ts';

/**
 * Parses lines of exactly `columns` numbers separated by spaces or tabs into row-major float32, [N, columns].
 * Line ends may be LF or CRLF; empty lines are accepted at the end of the file only, since rows are counted by sample.
 * @throws InputError naming file and line: no rows, too few or too many numbers, a token that is no finite float32
 */
export function parseNumberRows(
  bytes: Uint8Array,
  options: { readonly columns: number; readonly file: string },
): Float32Array {
  const { columns, file } = options;
  const scanner = new NumberScanner(bytes);
  scanner.position = skipByteOrderMark(bytes);
  const end = endOfText(bytes);
  if (scanner.position >= end) {
    throw new InputError('file-empty', `expected lines of ${columns} numbers, got an empty file.`, { file });
  }
  let values = new Float32Array(estimateRows(bytes, end) * columns);
  let filled = 0;
  for (let line = 1; scanner.position < end; line++) {
    if (filled + columns > values.length) {
      const larger = new Float32Array(values.length * 2);
      larger.set(values);
      values = larger;
    }
    for (let column = 0; column < columns; column++) {
      skipBlanks(scanner);
      const at = scanner.position;
      const value = Math.fround(scanner.readNumber());
      if (!Number.isFinite(value) || !endsToken(bytes[scanner.position])) {
        throw notANumber(bytes, at, { file, line, column, columns });
      }
      values[filled++] = value;
    }
    skipBlanks(scanner);
    if (bytes[scanner.position] === CR) scanner.position++;
    if (scanner.position < bytes.length && bytes[scanner.position] !== LF) {
      throw new InputError(
        'row-width',
        `expected ${columns} numbers, got more: "${tokenAt(bytes, scanner.position)}" follows.`,
        { file, line },
      );
    }
    scanner.position++;
  }
  return values.slice(0, filled);
}

interface Cell {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly columns: number;
}

function notANumber(bytes: Uint8Array, at: number, { file, line, column, columns }: Cell): InputError {
  const token = tokenAt(bytes, at);
  if (token === '') {
    return new InputError('row-width', `expected ${columns} numbers, got ${column === 0 ? 'an empty line' : column}.`, {
      file,
      line,
    });
  }
  return new InputError(
    'not-a-number',
    `expected a finite number in column ${column + 1} of ${columns}, got "${token}".`,
    { file, line },
  );
}

function tokenAt(bytes: Uint8Array, at: number): string {
  let end = at;
  while (end < bytes.length && end < at + 40 && !endsToken(bytes[end])) end++;
  return Buffer.from(bytes.subarray(at, end)).toString('utf8').replaceAll('\0', '\\0');
}

function skipBlanks(scanner: NumberScanner): void {
  let c = scanner.bytes[scanner.position];
  while (c === SPACE || c === TAB) c = scanner.bytes[++scanner.position];
}

function endsToken(c: number | undefined): boolean {
  return c === undefined || c === SPACE || c === LF || c === CR || c === TAB;
}

/** Position after the last byte that is not white space. */
function endOfText(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] as number) <= SPACE) end--;
  return end;
}

function estimateRows(bytes: Uint8Array, end: number): number {
  const firstEnd = bytes.indexOf(LF);
  return firstEnd <= 0 ? 1 : Math.ceil((1.1 * end) / (firstEnd + 1)) + 1;
}

export function skipByteOrderMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
