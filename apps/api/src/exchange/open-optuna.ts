/** An Optuna storage by its file, whichever of the two kinds it is. */
import { InputError } from '@kinetune/study';
import { openExchangeFile } from './exchange-file.ts';
import { openOptunaJournal } from './optuna-journal.ts';
import { openOptunaSqlite, SQLITE_MAGIC } from './optuna-sqlite.ts';
import type { OptunaSource } from './optuna-source.ts';

/**
 * Release it with `await using`.
 * @param scratch a folder that exists, for what is needed while it is open.
 * @throws InputError for what is no such file, damaged, or of a version that is not known.
 */
export async function openOptuna(path: string, { scratch }: { readonly scratch: string }): Promise<OptunaSource> {
  const file = openExchangeFile(path, 'an Optuna storage');
  const { head } = file;
  if (head.subarray(0, SQLITE_MAGIC.length).toString('latin1') === SQLITE_MAGIC) return openOptunaSqlite(path, scratch);
  if (/^\s*\{/.test(head.toString('latin1'))) return openOptunaJournal(file);
  throw new InputError(
    'not-optuna',
    `expected an Optuna storage: an SQLite database (sqlite:///...) or a journal (JournalFileBackend, JSON lines), got a file that begins with ${JSON.stringify(head.subarray(0, 24).toString('latin1'))}`,
    { file: path },
  );
}
