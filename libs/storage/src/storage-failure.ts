/** Tells the machine's failures (disk full, database gone) from our own mistakes. */
import { EnvironmentError } from '@kinetune/study';

/** PostgreSQL's SQLSTATE classes for a machine that cannot: insufficient resources, system error, internal error. */
const MACHINE_STATES = /^(53|58|XX)/;
/** A server that goes, or a connection that breaks: SQLSTATE classes 08 and 57P, and what the network says. */
const UNREACHABLE = /^(08|57P|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/;

/**
 * The EnvironmentError that a failed query means to a person, or undefined where the failure is a bug of ours (a broken
 * constraint, bad SQL). Nothing committed is lost in either case: the transaction is rolled back.
 */
export function storageFailure(error: unknown): EnvironmentError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof EnvironmentError) return cause;
    const state = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    if (isFullDisk(cause)) {
      return new EnvironmentError(
        'storage-full',
        `could not write to the database: the disk is full (${cause.message}). Everything committed before is kept; free some space and run the same command again to continue`,
        { cause: error },
      );
    }
    if (
      UNREACHABLE.test(state) ||
      /Connection terminated|not queryable|timeout exceeded when trying to connect/i.test(cause.message)
    ) {
      return new EnvironmentError(
        'storage-unreachable',
        `the database cannot be reached: ${cause.message || state}. Everything committed before is kept`,
        { cause: error },
      );
    }
    const isGone =
      MACHINE_STATES.test(state) ||
      cause.name === 'RuntimeError' || // WebAssembly trap: PGlite's server gave up
      cause.name === 'ExitStatus' ||
      /PGlite is clos|program has already aborted|PANIC/i.test(cause.message);
    if (isGone) {
      return new EnvironmentError(
        'storage-failed',
        `the database stopped: ${cause.message}. Everything committed before is kept; run the same command again to continue`,
        { cause: error },
      );
    }
  }
  return undefined;
}

/** Runs `work`, turning the machine's failures into EnvironmentErrors. */
export async function withStorageFailures<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageFailure(error) ?? error;
  }
}

/** Whether an error of PostgreSQL or of the file system says that the disk is full. */
export function isFullDisk(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return code === '53100' || code === 'ENOSPC' || /no space left|disk full|ENOSPC/i.test(error.message);
}
