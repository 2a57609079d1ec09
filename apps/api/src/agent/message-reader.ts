/** What a trainer says, read from the bytes of its pipe: messages, and what is none of the protocol. */
import { messageFromTrainer, storableText, type MessageFromTrainer } from '@kinetune/study';
import { createLineSplitter, LineTooLongError } from './line-splitter.ts';

export type Heard =
  | { readonly type: 'message'; readonly message: MessageFromTrainer }
  /** It said something that is not the protocol. */
  | { readonly type: 'violation'; readonly reason: string };

export interface MessageReader {
  /** Takes a chunk, cut anywhere, and gives what it completed; never throws. */
  push(chunk: Buffer): readonly Heard[];
}

/** Keeps at most `maximumLength` characters of a line: a longer one is a violation. */
export function createMessageReader(maximumLength: number): MessageReader {
  const splitter = createLineSplitter(maximumLength);
  return {
    push(chunk) {
      try {
        return splitter.push(chunk).flatMap((line) => (line.trim() === '' ? [] : [parseLine(line)]));
      } catch (error) {
        if (!(error instanceof LineTooLongError)) throw error;
        return [{ type: 'violation', reason: error.message }];
      }
    },
  };
}

function parseLine(line: string): Heard {
  let value: unknown;
  try {
    // What it says of itself and of trials is kept.
    value = JSON.parse(line, (_, part: unknown) => (typeof part === 'string' ? storableText(part) : part));
  } catch {
    return { type: 'violation', reason: `expected a JSON message a line, got ${excerpt(line)}` };
  }
  const result = messageFromTrainer.safeParse(value);
  if (result.success) return { type: 'message', message: result.data };
  const issue = result.error.issues[0];
  const path = issue?.path.map(String).join('.') ?? '';
  return {
    type: 'violation',
    reason: `expected a message of the trainer protocol, got ${excerpt(line)}${path === '' ? '' : `; ${excerpt(path)}`}: ${excerpt(issue?.message ?? '')}`,
  };
}

/** Names and messages hold what the trainer wrote, which may be long, and anything. */
function excerpt(text: string): string {
  return storableText(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
