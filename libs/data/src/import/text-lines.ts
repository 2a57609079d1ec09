import { skipByteOrderMark } from './parse-number-rows.ts';

/**
 * Lines of a UTF-8 file one by one, with their 1-based numbers; no string longer than a line is made. Lines end with LF or
 * CRLF, or with CR alone where the file has no LF.
 */
export function* textLines(bytes: Uint8Array): Generator<{ readonly line: number; readonly text: string }> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const separator = buffer.includes(LF) ? LF : CR;
  let start = skipByteOrderMark(bytes);
  for (let line = 1; start < buffer.length; line++) {
    const found = buffer.indexOf(separator, start);
    const end = found < 0 ? buffer.length : found;
    const textEnd = end > start && buffer[end - 1] === CR ? end - 1 : end;
    yield { line, text: buffer.toString('utf8', start, textEnd) };
    start = end + 1;
  }
}

const LF = 10;
const CR = 13;
