/**
 * The product's own errors. A message names both sides: what was expected, what came, and what to do about it.
 * Outcomes (pruned, infeasible) are values, never errors.
 */

/** One thing that is wrong with an input of several fields. */
export interface FieldProblem {
  /** Path of the field in the input: `['space', 'learningRate', 'minimum']`. */
  readonly field: readonly string[];
  readonly message: string;
}

/** Input from people or files that cannot be used: a study file, a recording, a command's arguments. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly code: string;
  /** Where it was found: a file, with a line when one is known. */
  readonly file: string | undefined;
  readonly line: number | undefined;
  /** Each wrong field of an input that has fields; empty where the message is all there is. */
  readonly problems: readonly FieldProblem[];

  constructor(
    code: string,
    message: string,
    where: { readonly file?: string; readonly line?: number; readonly problems?: readonly FieldProblem[] } = {},
  ) {
    const place =
      where.file === undefined ? '' : where.line === undefined ? `${where.file}: ` : `${where.file}:${where.line}: `;
    super(printable(place + message));
    this.code = code;
    this.file = where.file;
    this.line = where.line;
    this.problems = (where.problems ?? []).map(({ field, message: problem }) => ({
      field,
      message: printable(problem),
    }));
  }
}

/** What files hold must not steer the terminal that shows it: control characters are written as `\\x1b`. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, (control) => {
    return `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** The machine lacks or refused something (disk, library, network, another process); the same input may work later. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Throws when our own code broke a rule of its own; never for input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${message}`);
}
