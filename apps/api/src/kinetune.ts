#!/usr/bin/env node
/** The `kinetune` command. */
import { CommanderError } from 'commander';
import { EXIT_CODES } from './command-line/exit-codes.ts';
import { createProgram } from './command-line/program.ts';

// A reader that left (`kinetune study list | head -1`) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

try {
  await createProgram().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Help is a result; everything else is a mistake in the arguments, which commander has told of.
  process.exitCode = error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.input;
}
// Who reads a pipe slowly gets all that was written.
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((done) => (stream.writable ? stream.write('', () => done()) : done())),
  ),
);
// A command that was stopped may have left an import or a download behind; nobody waits for it. All others end by themselves,
// because process.exit() may wait for ever for V8's compiler threads, which wait for the main thread (nodejs/node#54918).
setTimeout(() => process.exit(), 300).unref();
