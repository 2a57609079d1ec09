/** The log: a JSON object a line, to stderr or a file. No secret gets into it, whatever it was part of. */
import { API_SECRET_PATTERN } from '@kinetune/storage';
import { destination, pino, stdTimeFunctions, type Logger } from 'pino';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  readonly level: LogLevel;
  /** A file to append to; stderr without it. */
  readonly file?: string | undefined;
}

/** Passwords in addresses: `postgresql://user:password@host`. */
const PASSWORD = /(\w+:\/\/[^\s:@/"]*:)[^\s@/"]+@/g;

/** Every line is written before the next statement runs, so that none is lost with the process. */
export function createLog({ level, file }: LogOptions): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // On the finished line: a list of fields to leave out knows nothing of a secret within a message.
      hooks: { streamWrite: withoutSecrets },
    },
    destination(file === undefined ? { fd: 2, sync: true } : { dest: file, append: true, mkdir: true, sync: true }),
  );
}

export function withoutSecrets(line: string): string {
  return line.replace(API_SECRET_PATTERN, 'kt_(hidden)').replace(PASSWORD, '$1(hidden)@');
}
