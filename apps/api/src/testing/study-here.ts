/** Runs a study in the test's own process: a database of its own, the fake trainer, every event kept. */
import { join } from 'node:path';
import { createStudy, findStudy, openStorage, type Database, type NewStudy, type Study } from '@kinetune/storage';
import { parseStudyFile } from '@kinetune/study';
import { foldsOf } from '../agent/search-plan.ts';
import type { RunEvent } from '../agent/run-event.ts';
import { runStudy, type RunEnd } from '../agent/run-study.ts';
import { DEFAULT_LIMITS } from '../agent/trial-run.ts';
import { resolveStudy } from '../studies/resolve-study.ts';
import type { FakeBehaviour } from './fake-trainer.ts';

export interface StudyHere extends AsyncDisposable {
  readonly db: Database;
  /** As it is now. */
  study(): Promise<Study>;
  run(options?: RunHereOptions): Promise<RunEnd & { readonly events: readonly RunEvent[] }>;
}

export interface RunHereOptions {
  readonly trainer?: FakeBehaviour;
  readonly slots?: number;
  readonly onEvent?: (event: RunEvent) => void;
  readonly stop?: AbortSignal;
  readonly samplerProgram?: URL;
}

/** @param lines of the study file besides its name, goal, data and model. */
export async function studyHere(home: string, lines: string): Promise<StudyHere> {
  const storage = await openStorage(home);
  const { db } = storage;
  const created = await createStudy(db, newStudy(lines));
  const study = async (): Promise<Study> => (await findStudy(db, created.id)) as Study;
  return {
    db,
    study,
    async run({ trainer = {}, slots = 1, onEvent = () => {}, stop, samplerProgram } = {}) {
      const events: RunEvent[] = [];
      const now = await study();
      const end = await runStudy({
        db,
        study: now,
        home,
        command: {
          file: process.execPath,
          args: [join(import.meta.dirname, 'fake-trainer.ts')],
          environment: { KINETUNE_FAKE_TRAINER: JSON.stringify(trainer) },
        },
        slots: Array.from({ length: slots }, () => ({ device: 'nothing', environment: {} })),
        folds: new Map(foldsOf(now).map((fold) => [fold, { data: undefined, fingerprint: {} }])),
        shape: { windowLength: 32, channelCount: 3, classCount: 3 },
        samplerProgram,
        stop: stop ?? new AbortController().signal,
        stopNow: new AbortController().signal,
        onEvent(event) {
          events.push(event);
          onEvent(event);
        },
        limits: DEFAULT_LIMITS,
      });
      return { ...end, events };
    },
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}

/** A study of synthetic recordings, of which nothing is read. */
export function newStudy(lines: string, name = 'here'): NewStudy {
  const text = `name: ${name}
goal: Does the machinery work?
data: { dataset: synthetic, split: { kind: group-k-fold, folds: 3 } }
model: cnn1d
${lines}
`;
  const { folds, ...study } = resolveStudy(parseStudyFile(text, 'here.yaml'), { file: 'here.yaml', text });
  return { ...study, folds: folds === 'all' ? null : folds, splitHash: 'split' };
}
