import { skipByteOrderMark } from './parse-number-rows.ts';

/** Lines of a UTF-8 file one by one, with their 1-based numbers; LF or CRLF; no string longer than a line is made. */
export function* textLines(bytes: Uint8Array): Generator<{ readonly line: number; readonly text: string }> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let start = skipByteOrderMark(bytes);
  for (let line = 1; start < buffer.length; line++) {
    const found = buffer.indexOf(10, start);
    const end = found < 0 ? buffer.length : found;
    const textEnd = end > start && buffer[end - 1] === 13 ? end - 1 : end;
    yield { line, text: buffer.toString('utf8', start, textEnd) };
    start = end + 1;
  }
}
