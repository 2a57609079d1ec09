/**
 * Optuna's JournalStorage with its file backend: an operation a line. Optuna 5, `optuna/storages/journal/_storage.py`.
 *
 * The file is read twice, each time a piece at once: for studies and trials, and for the values that trials reported, which may be
 * many millions. Both times up to where it ended at first, since a study that runs appends to it.
 */
import { InputError } from '@kinetune/study';
import type { ExchangeFile } from './exchange-file.ts';
import { firstProblem } from './first-problem.ts';
import { jsonLines } from './json-lines.ts';
import { JournalReplay } from './journal-replay.ts';
import { journalOperation, type JournalOperation } from './journal-operation.ts';
import type { OptunaSource } from './optuna-source.ts';
import { parsePythonJson } from './python-json.ts';

/** @throws InputError for a file that is damaged, with the line. */
export async function openOptunaJournal(file: ExchangeFile): Promise<OptunaSource> {
  const replay = new JournalReplay();
  for await (const operation of operations(file)) replay.apply(operation);
  const studies = replay.studies();
  return {
    kind: 'journal',
    studies,
    trials: async (name) => replay.trials(name),
    async *intermediateValues(name) {
      const second = new JournalReplay();
      for await (const operation of operations(file))
        for (const { study, ...reported } of second.apply(operation))
          // A study that was deleted may have had the name before.
          if (study === replay.idOf(name)) yield reported;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function* operations({ path, sizeBytes }: ExchangeFile): AsyncIterable<JournalOperation> {
  for await (const { line, text } of jsonLines(path, { sizeBytes })) {
    const found = journalOperation.safeParse(contentOf(text));
    if (!found.success) {
      throw new InputError(
        'optuna-damaged',
        `expected an operation of an Optuna journal as JSON (${firstProblem(found.error)}), got ${JSON.stringify(text.slice(0, 60))}: the file is damaged. Nothing was imported; import another copy of it`,
        { file: path, line },
      );
    }
    yield found.data;
  }
}

function contentOf(text: string): unknown {
  try {
    return parsePythonJson(text);
  } catch {
    return undefined;
  }
}
