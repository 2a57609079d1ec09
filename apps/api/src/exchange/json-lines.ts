/** A file of JSON lines, read a piece at a time. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { InputError } from '@kinetune/study';

export interface JsonLinesOptions {
  /** Reads up to this byte: what is appended meanwhile is left for another time. */
  readonly sizeBytes: number;
}

/** A line that is longer is none of a program that writes one operation a line. */
const LONGEST_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 10;

/**
 * Lines with their numbers, from 1, without the line ends.
 * @throws InputError for a last line without an end, one that is too long, and one that is not UTF-8.
 */
export async function* jsonLines(
  path: string,
  { sizeBytes }: JsonLinesOptions,
): AsyncIterable<{ readonly line: number; readonly text: string }> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let line = 0;
  for await (const piece of createReadStream(path, { end: sizeBytes - 1, highWaterMark: 1024 * 1024 })) {
    const bytes = piece as Buffer;
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      const whole = Buffer.concat([...rest, bytes.subarray(start, end)]);
      if (!isUtf8(whole))
        throw new InputError(
          'not-utf-8',
          'expected text in UTF-8, got other bytes: the file is damaged, or no journal',
          {
            file: path,
            line: line + 1,
          },
        );
      rest = [];
      restBytes = 0;
      start = end + 1;
      yield { line: ++line, text: whole.toString('utf8') };
    }
    rest.push(bytes.subarray(start));
    restBytes += bytes.length - start;
    if (restBytes > LONGEST_LINE_BYTES)
      throw new InputError('line-too-long', 'expected lines of JSON, got one of more than 64 MB: this is no journal', {
        file: path,
        line: line + 1,
      });
  }
  if (restBytes > 0)
    throw new InputError(
      'optuna-damaged',
      `expected an operation that ends with its line, got the beginning of one (${JSON.stringify(Buffer.concat(rest).toString('utf8', 0, 60))}): the journal was cut short or is being written to. Nothing was imported; import it again, or a copy without its last line for what came before`,
      { file: path, line: line + 1 },
    );
}
