import { EnvironmentError } from '@kinetune/study';

/** What went wrong in one attempt, and whether another one may go better. */
export class AttemptFailure extends Error {
  override readonly name = 'AttemptFailure';
  readonly isRetryable: boolean;
  /** What the server asked for, if it did. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: ErrorOptions & { readonly isRetryable: boolean; readonly retryAfterMs?: number | undefined },
  ) {
    super(message, options);
    this.isRetryable = options.isRetryable;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The system's code behind an error of `fetch` or of the file system: `ENOTFOUND`, `ENOSPC`, ... */
export function systemCode(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  }
  return undefined;
}

/** Why a request failed, in the words of whoever knew: `fetch` itself says no more than that it failed. */
export function requestReason(error: unknown): string {
  const code = systemCode(error);
  if (code !== undefined) return code;
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** A file that cannot be written, as the product's own error. */
export function writeError(path: string, error: unknown): EnvironmentError {
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new EnvironmentError(
      'disk-full',
      `${path}: expected room on the disk, got ${code}. Free some space and run the same command again; what has come so far is kept.`,
      { cause: error },
    );
  }
  return new EnvironmentError(
    'cannot-write',
    `${path}: expected a folder to write to, got ${code ?? String(error)}. Name another one (KINETUNE_HOME), or change its permissions.`,
    { cause: error },
  );
}
