/** The agent's side of the world: lines of JSON in on one file descriptor, out on another. */
import { createReadStream, createWriteStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { MessageFromTrainer } from '@kinetune/study';

export interface MessageChannel {
  /** Lines as they come, without their ends; it ends when the agent closes its side or is gone. */
  readonly lines: AsyncIterable<string>;
  /** Resolves once the system has taken the message; never rejects: an agent that is gone aborts `gone` instead. */
  send(message: MessageFromTrainer): Promise<void>;
  /** As `send`, but drops the message while earlier ones still wait to be taken. */
  sendIfIdle(message: MessageFromTrainer): void;
  /** Aborted when nobody reads the messages any more. */
  readonly gone: AbortSignal;
}

export interface ChannelStreams {
  readonly input: Readable;
  readonly output: Writable;
}

export function createMessageChannel({ input, output }: ChannelStreams): MessageChannel {
  const gone = new AbortController();
  output.on('error', () => gone.abort());
  // The end of the other side is the end of input; how it came about does not matter.
  input.on('error', () => input.destroy());
  const send = (message: MessageFromTrainer): Promise<void> =>
    new Promise((resolve) => {
      if (gone.signal.aborted || !output.writable) resolve();
      else output.write(`${JSON.stringify(message)}\n`, () => resolve());
    });
  return {
    lines: splitLines(input),
    send,
    sendIfIdle(message) {
      if (output.writableLength === 0) void send(message);
    },
    gone: gone.signal,
  };
}

/**
 * Streams on open file descriptors: pipes and sockets, as an agent makes them, or files, for trying it by hand.
 * @throws when one is not open.
 */
export function openDescriptors(inputFd: number, outputFd: number): ChannelStreams {
  const isSocketLike = (fd: number): boolean => {
    const facts = fstatSync(fd);
    if (facts.isFIFO() || facts.isSocket()) return true;
    if (facts.isFile() || facts.isCharacterDevice()) return false;
    // Node's own event loop has taken a number that nobody passed on.
    throw new Error(`file descriptor ${fd} is neither a pipe nor a file`);
  };
  return {
    input: isSocketLike(inputFd)
      ? new Socket({ fd: inputFd, readable: true, writable: false })
      : createReadStream('', { fd: inputFd }),
    output: isSocketLike(outputFd)
      ? new Socket({ fd: outputFd, readable: false, writable: true })
      : createWriteStream('', { fd: outputFd }),
  };
}

async function* splitLines(input: Readable): AsyncGenerator<string> {
  input.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of input as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() as string;
      for (const line of lines) if (line.trim() !== '') yield line;
    }
  } catch {
    // A connection that breaks has ended.
  }
  // A last line without its end was cut off with its writer: it is not a message.
}
