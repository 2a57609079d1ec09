/** A study's JSON document, read a part at a time: it may be larger than the memory. */
import { createReadStream } from 'node:fs';
import { InputError } from '@kinetune/study';
import { JSONParser, TokenType } from '@streamparser/json';

export interface DocumentPart {
  /** The member of the document that it is, or belongs to. */
  readonly key: string;
  /** Position, for a member of `configurations`. */
  readonly index: number;
  readonly value: unknown;
}

/** A configuration of 100 trials with 2,000 measurements each is 20 MB. */
const LARGEST_PART_BYTES = 128 * 1024 * 1024;
/** Deeper than any document of ours: `study-document.ts` has nine levels, and a fingerprint some of its own. */
const DEEPEST = 200;

/**
 * The members of the document one after the other, and those of `configurations` each by itself.
 * @throws InputError for what is no JSON, cut short, not UTF-8, or has a part that no study has.
 */
export async function* documentParts(path: string): AsyncGenerator<DocumentPart> {
  const refuse = (what: string): InputError =>
    new InputError(
      'document-syntax',
      `expected the JSON that kinetune export --json wrote, but ${what}. Nothing was imported; export it again`,
      { file: path },
    );
  const found: DocumentPart[] = [];
  const parser = partParser(found, refuse);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytesSincePart = 0;
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      const bytes = piece as Buffer;
      decoder.decode(bytes, { stream: true });
      parser.write(bytes);
      bytesSincePart = found.length > 0 ? 0 : bytesSincePart + bytes.length;
      if (bytesSincePart > LARGEST_PART_BYTES)
        throw refuse(`a part of it is larger than ${LARGEST_PART_BYTES / 1024 ** 2} MB, which none of a study is`);
      yield* found.splice(0);
    }
    decoder.decode();
    if (!parser.isEnded) throw refuse('it is cut short');
  } catch (error) {
    if (error instanceof InputError || isSystemError(error)) throw error;
    if (error instanceof TypeError && 'code' in error) throw refuse('it is not UTF-8');
    throw refuse(`it is damaged: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`);
  }
}

function partParser(found: DocumentPart[], refuse: (what: string) => InputError): JSONParser {
  const parser = new JSONParser({
    paths: ['$.format', '$.version', '$.what', '$.study', '$.configurations.*'],
    keepStack: false,
  });
  parser.onValue = ({ key, value, stack }) => {
    const isConfiguration = stack.length > 1;
    found.push({ key: isConfiguration ? 'configurations' : String(key), index: Number(key), value });
  };
  let depth = 0;
  parser.onToken = ({ token }) => {
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) depth++;
    else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) depth--;
    if (depth > DEEPEST) throw refuse(`it nests deeper than ${DEEPEST} levels, which no study does`);
  };
  return parser;
}

/** Of the file, as against the decoder's `ERR_ENCODING_INVALID_ENCODED_DATA`. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
