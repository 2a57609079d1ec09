/** Cuts a byte stream into lines, with a bound on a line's length so that a broken trainer cannot fill our memory. */
import { StringDecoder } from 'node:string_decoder';

export interface LineSplitter {
  /** Takes a chunk and gives the lines that it completed. */
  push(chunk: Buffer): string[];
}

export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
}

/** Lines of at most `maximumLength` characters; `push` throws a LineTooLongError for a longer one. */
export function createLineSplitter(maximumLength: number): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return {
    push(chunk) {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() as string;
      if (rest.length > maximumLength || lines.some((line) => line.length > maximumLength)) {
        rest = '';
        throw new LineTooLongError(`a line is longer than ${maximumLength} characters`);
      }
      return lines;
    },
  };
}
