/** Under which name a study comes into a home. */
import { findStudyByName, type Database } from '@kinetune/storage';
import { InputError } from '@kinetune/study';

/** As a study file may state it (`libs/study`). */
const NAME = /^[a-z0-9][a-z0-9.-]{0,63}$/;

/** A name that was asked for, or what the foreign name comes to. */
export function importName(foreign: string, asked: string | undefined): string {
  if (asked !== undefined) {
    if (NAME.test(asked)) return asked;
    throw new InputError(
      'bad-name',
      `--as: expected lower case letters, digits, dots and dashes, at most 64, beginning with a letter or digit, got ${asked}`,
    );
  }
  const name = foreign
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 64);
  if (NAME.test(name)) return name;
  throw new InputError(
    'bad-name',
    `expected a name with letters or digits, got ${JSON.stringify(foreign)}: give one by --as`,
  );
}

/** @throws InputError where the home has a study of this name: an import changes no study that is there. */
export async function requireFreeName(db: Database, name: string): Promise<void> {
  const taken = await findStudyByName(db, name);
  if (taken === undefined) return;
  const what =
    taken.trainer.kind === 'imported'
      ? `was imported from ${taken.trainer.source} on ${taken.createdAt.toISOString().slice(0, 10)}`
      : 'is in this home';
  throw new InputError(
    'study-exists',
    `expected a new name, got ${name}: a study of this name ${what} already. It stays as it is; import under another name with --as <name>`,
  );
}
