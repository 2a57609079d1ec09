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

/** What the operating system refuses that is not the fault of the arguments, and what to do then. */
const SYSTEM_ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space and run the same command again',
  EDQUOT: "this user's quota on the disk is used up: free some space and run the same command again",
  EFBIG: 'no file may be as large here (ulimit -f, or the file system): choose another folder or raise the limit',
  EACCES: 'this user may not do that: change who may, or name another folder',
  EPERM: 'this user may not do that: change who may, or name another folder',
  EROFS: 'nothing can be written there: name another folder',
  EMFILE: 'this process has too many files open: raise the limit (ulimit -n)',
  ENFILE: 'the machine has too many files open: end other programs, or raise its limit',
  EIO: 'the disk fails: look at the log of the system',
  EPIPE: 'who read the output has stopped reading',
};

/** Whether the operating system refused something that is not the fault of the arguments. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && String(error.code) in SYSTEM_ADVICE;
}

/** What the system refused, and what to do about it. */
export function systemErrorMessage({ code, message }: NodeJS.ErrnoException): string {
  return `${SYSTEM_ADVICE[String(code)]} (${message})`;
}
