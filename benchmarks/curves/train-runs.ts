/** Trains the planned runs, keeping each in a file of lines as it ends, so that a stopped run of the benchmark goes on. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadTensorFlow } from '@kinetune/models';
import type { PlannedRun } from './planned-runs.ts';
import { readRecordings } from './recordings.ts';
import { runTraining } from './run-training.ts';
import type { StoredRun } from './stored-run.ts';

export interface TrainRunsOptions {
  readonly progressFile: string;
  readonly onProgress: (message: string) => void;
}

/** In the order of the plan; one thread, so that they come out the same again. */
export async function trainRuns(
  planned: readonly PlannedRun[],
  { progressFile, onProgress }: TrainRunsOptions,
): Promise<readonly StoredRun[]> {
  mkdirSync(dirname(progressFile), { recursive: true });
  const done = new Map(readLines(progressFile).map((run) => [keyOf(run), run]));
  const missing = planned.filter((run) => !done.has(keyOf(run)));
  if (missing.length > 0) {
    loadTensorFlow({ intraOpThreads: 1, interOpThreads: 1 });
    const recordings = await readRecordings();
    let seconds = 0;
    for (const [i, plan] of missing.entries()) {
      const { seconds: took, ...curve } = await runTraining(plan.training, recordings[plan.training.recordings]);
      const run = storedRun(plan, curve);
      appendFileSync(progressFile, `${JSON.stringify(run)}\n`);
      done.set(keyOf(run), run);
      seconds += took;
      if (i % 20 === 0) onProgress(`${i + 1} of ${missing.length} runs, ${Math.round(seconds)} s of training`);
    }
  }
  return planned.map((run) => done.get(keyOf(run)) as StoredRun);
}

function storedRun(
  { seed, label, cause, period, fingerprint, training }: PlannedRun,
  curve: Omit<Awaited<ReturnType<typeof runTraining>>, 'seconds'>,
): StoredRun {
  const { recordings, family } = training;
  return { seed, label, cause, period: period ?? null, fingerprint, recordings, family, ...curve };
}

function keyOf({ seed, label, fingerprint }: Pick<StoredRun, 'seed' | 'label' | 'fingerprint'>): string {
  return `${seed} ${label ?? 'healthy'} ${fingerprint}`;
}

function readLines(file: string): readonly StoredRun[] {
  if (!existsSync(file)) return [];
  // A line cut short by a stop is trained again.
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as StoredRun];
      } catch {
        return [];
      }
    });
}
