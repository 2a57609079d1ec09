/**
 * A scheduler and workers on one PostgreSQL database, each a process as on machines of their own: other homes, one store. What they
 * train is a study of the fake trainer, which keeps a journal of every epoch that it computes.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createStudy,
  eventsAfter,
  findStudy,
  listTrials,
  openPostgres,
  readCurves,
  setStudyState,
  type Database,
  type Study,
  type StudyEvent,
  type Trial,
} from '@kinetune/storage';
import { parseStudyFile, TRIAL_STATES, isFinished, type TrialState } from '@kinetune/study';
import { resolveStudy } from '../studies/resolve-study.ts';
import type { FakeBehaviour } from './fake-trainer.ts';
import { startKinetune, type KinetuneProcess } from './kinetune-process.ts';

export interface FleetOptions {
  readonly url: string;
  readonly trials: number;
  readonly trainer: FakeBehaviour & { readonly epochs: number };
  /** Folder of checkpoints and logs; one of its own unless stated. */
  readonly store?: string;
}

/** An epoch that was computed. */
export interface JournalEntry {
  readonly trial: number;
  readonly attempt: number;
  readonly epoch: number;
  /** The trainer's. */
  readonly pid: number;
}

export interface Worker extends KinetuneProcess {
  /** What its trainers have computed. */
  journal(): readonly JournalEntry[];
}

export interface Fleet extends AsyncDisposable {
  readonly db: Database;
  study(): Promise<Study>;
  trials(): Promise<readonly Trial[]>;
  addWorker(options?: { readonly url?: string; readonly within?: readonly string[] }): Worker;
  /** Waits until every worker is there, lest the first one trains it all, and begins the study. */
  begin(): Promise<void>;
  /** Waits until the study is complete. */
  completed(limitMs: number): Promise<void>;
  /** Stops every process in good order, and gives the numbers of trainers that live on: none, if nothing runs that should not. */
  stop(): Promise<readonly number[]>;
  /** All that was computed, by whoever. */
  journal(): readonly JournalEntry[];
  /** What is wrong with what the database holds, in sentences; none where every trial ended once, with every epoch once. */
  flaws(): Promise<readonly string[]>;
}

/** An agent is taken for dead after so long. */
export const SILENT_AGENT_MS = 5_000;

export async function startFleet({ url, trials: trialCount, trainer, store }: FleetOptions): Promise<Fleet> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'kinetune-fleet-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const shared = store ?? join(folder, 'store');
  mkdirSync(shared, { recursive: true });
  const storage = stack.use(await openPostgres(join(folder, 'test'), url));
  const { db } = storage;
  const { id } = await createStudy(db, studyOf(trialCount));
  await setStudyState(db, id, 'PAUSED');
  const processes: KinetuneProcess[] = [];
  const journals: string[] = [];
  const workers: Worker[] = [];
  stack.defer(async () => {
    for (const process of processes) process.kill('SIGKILL');
    await Promise.all(processes.map(({ result }) => result));
  });
  const start = (args: readonly string[], options: { url: string; within?: readonly string[] }) => {
    const name = String(processes.length);
    const journal = join(folder, `journal-${name}`);
    journals.push(journal);
    const process = startKinetune([...args, '--store', shared], {
      home: join(folder, `home-${name}`),
      trainer: { ...trainer, journal },
      environment: { DATABASE_URL: options.url, KINETUNE_SILENT_AGENT_MS: String(SILENT_AGENT_MS) },
      ...(options.within === undefined ? {} : { within: options.within }),
    });
    processes.push(process);
    return { ...process, journal: () => readJournal(journal) };
  };
  const scheduler = start(['serve', '--no-agent', '--port', '0'], { url });
  await scheduler.until(/is at http/);
  const owned = stack.move();
  const study = async (): Promise<Study> => (await findStudy(db, id)) as Study;
  return {
    db,
    study,
    trials: () => listTrials(db, id),
    addWorker(options = {}) {
      const worker = start(['worker', '--slots', '1'], { url, ...options });
      workers.push(worker);
      return worker;
    },
    journal: () => journals.flatMap(readJournal),
    async begin() {
      for (const worker of workers) await worker.until(/slots? here/);
      await setStudyState(db, id, 'RUNNING');
    },
    async completed(limitMs) {
      const deadline = performance.now() + limitMs;
      for (;;) {
        // The database may be away, as part of the test.
        const state = await study().then(
          (now) => now.state,
          () => 'unknown',
        );
        if (state === 'COMPLETED') return;
        if (performance.now() > deadline) {
          const states = (await listTrials(db, id)).map(
            (trial) => `${trial.number} ${trial.state} ${trial.reason ?? ''}`,
          );
          throw new Error(`the study is ${state} after ${limitMs} ms:\n${states.join('\n')}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async stop() {
      for (const process of processes) process.kill('SIGTERM');
      await Promise.all(processes.map(({ result }) => result));
      const pids = new Set(journals.flatMap(readJournal).map(({ pid }) => pid));
      return [...pids].filter(isTrainer);
    },
    async flaws() {
      const all = await listTrials(db, id);
      const events = await allEvents(db, id);
      const curves = await readCurves(db, id, { trialIds: all.map((trial) => trial.id), metrics: ['validationLoss'] });
      const steps = new Map(curves.map((curve) => [curve.trialId, curve.steps]));
      return [
        ...(all.length === trialCount ? [] : [`expected ${trialCount} trials, got ${all.length}`]),
        ...flawsOfEvents(events, await study()),
        ...all.flatMap((trial) =>
          flawsOfTrial(trial, { events, steps: steps.get(trial.id) ?? [], epochs: trainer.epochs }),
        ),
      ];
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const METRICS = ['trainLoss', 'validationLoss', 'trainAccuracy', 'validationAccuracy', 'validationMacroF1'];

function studyOf(trials: number) {
  const direction = (name: string): string => (name.endsWith('Loss') ? 'minimise' : 'maximise');
  const split = (name: string): string => (name.startsWith('train') ? ', split: train' : '');
  const text = `name: fleet
goal: Does every trial end once, whatever happens?
trainer:
  command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(join(import.meta.dirname, 'fake-trainer.ts'))}]
  metrics:
${METRICS.map((name) => `    - { name: ${name}, direction: ${direction(name)}${split(name)} }`).join('\n')}
objective: { metric: validationLoss, direction: minimise }
space:
  learningRate: { type: float, minimum: 0.0003, maximum: 0.03, scale: log }
budget: { trials: ${trials} }
seed: 7
`;
  const { folds: _, ...study } = resolveStudy(parseStudyFile(text, 'fleet.yaml'), {
    file: 'fleet.yaml',
    text,
    mayNameCommand: true,
  });
  return { ...study, folds: null, splitHash: null };
}

async function allEvents(db: Database, studyId: string): Promise<readonly StudyEvent[]> {
  const events: StudyEvent[] = [];
  for (;;) {
    const next = await eventsAfter(db, studyId, { sequence: events.at(-1)?.sequence ?? 0 });
    if (next.length === 0) return events;
    events.push(...next);
  }
}

function flawsOfEvents(events: readonly StudyEvent[], { eventSequence }: Study): string[] {
  const gap = events.findIndex(({ sequence }, index) => sequence !== index + 1);
  const flaws = gap < 0 ? [] : [`expected event ${gap + 1}, got ${events[gap]?.sequence}`];
  if (events.length !== eventSequence) flaws.push(`expected ${eventSequence} events, got ${events.length}`);
  return flaws;
}

function flawsOfTrial(
  { id, number, state }: Trial,
  of: { readonly events: readonly StudyEvent[]; readonly steps: readonly number[]; readonly epochs: number },
): string[] {
  const flaws: string[] = [];
  const own = of.events.filter(({ trialId }) => trialId === id);
  const ends = own.filter(({ type, detail }) => {
    const known = TRIAL_STATES.find((name): name is TrialState => name === detail.state);
    // What its curve says is told in an event of its own, afterwards.
    const isDiagnosis = 'diagnosisVersion' in detail;
    return type === 'trial-changed' && known !== undefined && isFinished(known) && !isDiagnosis;
  });
  if (state !== 'COMPLETED') flaws.push(`trial ${number} is ${state}`);
  if (ends.length !== 1) flaws.push(`trial ${number} ended ${ends.length} times`);
  const expected = Array.from({ length: of.epochs }, (_, epoch) => (epoch + 1) * 10).join(' ');
  if (of.steps.join(' ') !== expected) flaws.push(`trial ${number} has the steps ${of.steps.join(' ')}`);
  const told = own.flatMap(({ type, step }) => (type === 'measurement' ? [step] : [])).join(' ');
  if (told !== expected) flaws.push(`trial ${number} told of the steps ${told}`);
  return flaws;
}

/** Whether a process has this number and is a trainer of ours; another may have got the number since. */
function isTrainer(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('fake-trainer');
  } catch {
    return false;
  }
}

function readJournal(file: string): readonly JournalEntry[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [trial = NaN, attempt = NaN, epoch = NaN, pid = NaN] = line.split(' ').map(Number);
      return { trial, attempt, epoch, pid };
    });
}
