/** What the `kinetune` command's exit code says; printed under `kinetune --help`. */
import { EnvironmentError, InputError } from '@kinetune/study';

export const EXIT_CODES = {
  ok: 0,
  /** A mistake of ours. */
  unexpected: 1,
  /** The arguments, the study file or the data cannot be used. */
  input: 2,
  /** The machine lacks or refused something: library, disk, network, another process. */
  environment: 3,
  /** The study ended, but some trials failed for reasons of the machine. */
  trialsFailed: 4,
  /** A trainer does not keep the protocol. */
  trainerRefused: 5,
  /** Ctrl-C. */
  interrupted: 130,
  /** SIGTERM or a closed terminal. */
  terminated: 143,
} as const;

export const EXIT_CODE_HELP = `Exit codes:
  0    done
  1    an unexpected error (a mistake of ours; the trace is printed)
  2    the arguments, the study file or the data cannot be used
  3    the machine lacks or refused something: library, disk, network, a second start on one home
  4    the study ended, but some trials failed for reasons of the machine (run the command again to retry them)
  5    check-trainer: the trainer does not keep the protocol
  130  stopped by Ctrl-C; what was finished is kept
  143  stopped by SIGTERM or a closed terminal; what was finished is kept`;

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof InputError) return EXIT_CODES.input;
  if (error instanceof EnvironmentError || isSystemError(error)) return EXIT_CODES.environment;
  return EXIT_CODES.unexpected;
}

const SYSTEM_CODES = new Set(['ENOSPC', 'EACCES', 'EPERM', 'EROFS', 'EMFILE', 'ENFILE', 'EDQUOT', 'EIO', 'EPIPE']);

/** Whether the operating system refused something that is not the fault of the arguments. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && SYSTEM_CODES.has(String(error.code));
}
