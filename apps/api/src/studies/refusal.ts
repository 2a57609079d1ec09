/** Refusing a study file: the message, and the line that it is about. */
import { InputError } from '@kinetune/study';

export interface StudySource {
  /** The file's path, for messages. */
  readonly file: string;
  readonly text: string;
  /** Whether it may name a command as trainer: a file on the machine itself may, text from elsewhere may not unless that is said. */
  readonly mayNameCommand?: boolean;
}

/** Throws an InputError about the field at `path`, at the first line that has its last name. */
export type Refuse = (code: string, message: string, path: readonly [string, ...string[]]) => never;

export function refuseIn({ file, text }: StudySource): Refuse {
  return (code, message, path) => {
    const line = lineOfKey(text, path.at(-1) as string);
    throw new InputError(code, message, {
      file,
      ...(line === undefined ? {} : { line }),
      problems: [{ field: path, message }],
    });
  };
}

/** The first line that has the key, 1-based. */
function lineOfKey(text: string, key: string): number | undefined {
  const index = text.split('\n').findIndex((line) => {
    const start = line.trim().replace(/^["']/, '');
    return start.startsWith(`${key}:`) || start.startsWith(`${key}":`) || start.startsWith(`${key}':`);
  });
  return index < 0 ? undefined : index + 1;
}
