/** Where a command writes: results to stdout, everything on the way to stderr; with --json stdout holds one JSON object alone. */
import { stylesFor, type Styles } from '../terminal/styles.ts';

export interface Output {
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  /** For stdout and stderr apart: one may be a terminal and the other not. */
  readonly resultStyles: Styles;
  readonly noteStyles: Styles;
  /** Columns of stdout's terminal, 100 elsewhere. */
  readonly width: number;
  /** The command's result for people; dropped with --json. */
  result(lines: readonly string[]): void;
  /** The command's result for programs, on one line; dropped without --json. */
  json(value: unknown): void;
  /** A remark on the way. */
  note(text: string): void;
  /** A remark that --quiet does not silence. */
  warn(text: string): void;
}

export interface OutputFlags {
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  /** Commander's name for --no-color. */
  readonly color?: boolean | undefined;
}

export function createOutput(flags: OutputFlags, { stdout, stderr } = process as OutputStreams): Output {
  const isJson = flags.json === true;
  const isQuiet = flags.quiet === true;
  const options = { isColourOff: flags.color === false };
  const noteStyles = stylesFor(stderr, options);
  return {
    isJson,
    isQuiet,
    resultStyles: stylesFor(stdout, options),
    noteStyles,
    width: stdout.isTTY ? Math.max(40, stdout.columns ?? 80) : 100,
    result(lines) {
      if (!isJson) stdout.write(`${lines.join('\n')}\n`);
    },
    json(value) {
      if (isJson) stdout.write(`${JSON.stringify(value)}\n`);
    },
    note(text) {
      if (!isQuiet) stderr.write(`${text}\n`);
    },
    warn(text) {
      stderr.write(`${noteStyles.warning(text)}\n`);
    },
  };
}

interface OutputStreams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}
