/** A thread that runs studies one after the other: a specification in, a result out. */
import { parentPort, workerData } from 'node:worker_threads';
import type { BenchmarkFunction } from './benchmark-function.ts';
import { findFunction } from './load-function.ts';
import { measureLandscape, type Landscape } from './landscape.ts';
import { startOurStudy } from './ours.ts';
import { startRivalProcess, type RivalProcess } from './rival.ts';
import { runStudy } from './run-study.ts';
import { isRival, type StudyResult, type StudySpec } from './study-spec.ts';

export interface ThreadData {
  readonly python: string;
  /** Files of the functions that are not our own. */
  readonly files: readonly string[];
  readonly checkpoints: readonly number[];
}

export type ThreadAnswer = { readonly result: StudyResult } | { readonly error: string };

const { python, files, checkpoints } = workerData as ThreadData;
const subjects = new Map<string, { readonly function: BenchmarkFunction; readonly landscape: Landscape }>();
let rival: RivalProcess | undefined;

parentPort?.on('message', (spec: StudySpec | null) => {
  if (spec === null) {
    void rival?.[Symbol.asyncDispose]();
    parentPort?.close();
    return;
  }
  run(spec).then(
    (result) => parentPort?.postMessage({ result } satisfies ThreadAnswer),
    (error: unknown) => {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      parentPort?.postMessage({ error: `${JSON.stringify(spec)}: ${message}` } satisfies ThreadAnswer);
    },
  );
});

async function run(spec: StudySpec): Promise<StudyResult> {
  let subject = subjects.get(spec.function);
  if (subject === undefined) {
    const found = await findFunction(spec.function, files);
    subject = { function: found, landscape: measureLandscape(found) };
    subjects.set(spec.function, subject);
  }
  const options = { space: subject.function.space, seed: spec.seed, budget: spec.budget, atOnce: spec.atOnce };
  if (!isRival(spec.contender)) {
    return runStudy(spec, startOurStudy(spec.contender, options), { ...subject, checkpoints });
  }
  rival ??= startRivalProcess(python);
  return runStudy(spec, await rival.start(spec.contender, options), { ...subject, checkpoints });
}
