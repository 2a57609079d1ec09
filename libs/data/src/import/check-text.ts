import { isUtf8 } from 'node:buffer';
import { InputError } from '@kinetune/study';

/**
 * Refuses what is no UTF-8 text, before anything is read of it: decoded all the same, every foreign letter becomes the same
 * replacement mark, and two labels become one.
 * @throws InputError `not-text` naming the line
 */
export function checkText(bytes: Uint8Array, file: string): void {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new InputError('not-text', 'expected UTF-8 text, got UTF-16. Save the file as UTF-8.', { file });
  }
  const zero = bytes.indexOf(0);
  if (zero >= 0) {
    throw new InputError(
      'not-text',
      'expected text, got a zero byte: the file is binary, damaged, or UTF-16. Archives are read as zip or tar.gz.',
      { file, line: lineAt(bytes, zero) },
    );
  }
  const isText = isUtf8(bytes);
  const separator = bytes.includes(LF) ? LF : CR;
  let start = 0;
  for (let line = 1; start < bytes.length; line++) {
    const found = bytes.indexOf(separator, start);
    const end = found < 0 ? bytes.length : found;
    if (end - start > MAX_LINE_BYTES) {
      throw new InputError(
        'not-text',
        `expected lines of text, got one of ${end - start} bytes. Is the file a table, a line for each sample?`,
        { file, line },
      );
    }
    if (!isText && !isUtf8(bytes.subarray(start, end))) {
      throw new InputError(
        'not-text',
        'expected UTF-8 text, got bytes of another encoding (Latin-1?) or of a binary file. Save the file as UTF-8.',
        { file, line },
      );
    }
    start = end + 1;
  }
}

function lineAt(bytes: Uint8Array, position: number): number {
  let line = 1;
  for (let at = bytes.indexOf(LF); at >= 0 && at < position; at = bytes.indexOf(LF, at + 1)) line++;
  return line;
}

/** Room for tens of thousands of columns. */
const MAX_LINE_BYTES = 2 ** 20;
const LF = 10;
const CR = 13;
