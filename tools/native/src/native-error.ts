import { EnvironmentError } from '@kinetune/study/errors';

export interface NativeFailure {
  readonly code: string;
  /** What was expected and what came instead. */
  readonly problem: string;
  /** The one command that mends it. */
  readonly remedy: string;
  /** What a program that failed wrote. */
  readonly details?: string;
  readonly cause?: unknown;
}

/** The error of every step that the machine can refuse. Its message ends with the command that mends it. */
export function nativeError({ code, problem, remedy, details, cause }: NativeFailure): EnvironmentError {
  const message = [problem, ...(details ? [details] : []), `Run: ${remedy}`].join('\n');
  return new EnvironmentError(code, message, { cause });
}
