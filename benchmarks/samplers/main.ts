/**
 * Our samplers against Optuna 5, on the same functions, seeds and budgets. Prints medians and quartiles of simple regret, rank
 * tests, ranks, win probabilities against Sobol with twice the trials, times a suggestion, and the bars of samplers.md 4.5;
 * keeps every study as raw JSON.
 *
 *   npm run benchmark:samplers -- --python <python with optuna 5> [--only gp] [--reuse results/...json] [--help]
 *
 * The functions live here alone: Optuna is an ask/tell server (`rival.py`) that is told what they gave.
 */
import { cpus, loadavg, totalmem } from 'node:os';
import { relative } from 'node:path';
import { EnvironmentError, InputError } from '@kinetune/study';
import { judgeBars } from './bars.ts';
import { HELP, parseCommand, type Command } from './command-line.ts';
import { studyKey, takeEarlierResults } from './earlier-results.ts';
import { collectEvidence } from './evidence.ts';
import { FUNCTIONS } from './functions.ts';
import { measureLandscape } from './landscape.ts';
import { findFunction, loadFunction } from './load-function.ts';
import { checkpointsOf, CONTENDERS_OF, FAMILIES, plannedStudies } from './plan.ts';
import { printReport } from './print-report.ts';
import { reserveFile, writeRawResults, type RawResults } from './raw-results.ts';
import { checkOptuna, startRivalProcess } from './rival.ts';
import { runStudies } from './run-studies.ts';
import { isRival, type StudyResult } from './study-spec.ts';
import { suggestionTimes, type SuggestionTime } from './suggestion-times.ts';

/** Ten hyperparameters, a history of so many trials, and how often each sampler is asked. */
const TIMED = {
  function: 'ellipsoid10',
  histories: [
    { trials: 100, repeats: 15 },
    { trials: 1000, repeats: 5 },
  ],
};
/** Studies between two times the raw results are written. */
const WRITTEN_EVERY = 50;

try {
  const command = parseCommand(process.argv.slice(2));
  if (command === undefined) console.log(HELP);
  else await benchmark(command);
} catch (error) {
  if (!(error instanceof InputError || error instanceof EnvironmentError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof InputError ? 2 : 3;
}

async function benchmark(command: Command): Promise<void> {
  const { python, contenders, budget, settings, seeds, rivalSeeds } = command;
  const own = (await Promise.all(command.files.map(loadFunction))).map(({ name }) => name);
  const names = command.functions ?? (own.length > 0 ? own : FUNCTIONS.map(({ name }) => name));
  const functions = await Promise.all(names.map((name) => findFunction(name, command.files)));
  const recorded = functions.map((subject) => {
    const { interquartileRange, fingerprint } = measureLandscape(subject);
    return { name: subject.name, interquartileRange, minimum: subject.minimum ?? null, fingerprint };
  });

  const specs = plannedStudies({ functions, contenders, settings, seeds, rivalSeeds, budget });
  const earlier = { paths: command.reuse, functions: recorded, ours: command.reusesOurs };
  const { studies, reused } = takeEarlierResults(specs, earlier);
  for (const { file, studies: count, optuna: version, date } of reused) {
    console.log(`${file}: ${count} studies of ${date.slice(0, 10)} (Optuna ${version}) are reused, not run again`);
  }
  const done = new Set(studies.map(studyKey));
  const left = specs.filter((spec) => !done.has(studyKey(spec)));
  const timesRivals = command.measuresTimes && contenders.some(isRival);
  const optuna = timesRivals || left.some(({ contender }) => isRival(contender)) ? checkOptuna(python) : 'none';

  const date = new Date().toISOString();
  const file = reserveFile(command.out, date);
  const fresh: StudyResult[] = [];
  const write = (rest: Pick<RawResults, 'times' | 'bars'>): void => {
    const head = { date, command: command.recorded, machine: machine(), optuna, functions: recorded, reused };
    writeRawResults(file, { ...head, ...rest, studies: fresh });
  };

  write({ times: [], bars: [] });
  console.log(`${left.length} studies to run, ${studies.length} reused`);
  await runStudies(left, {
    jobs: command.jobs,
    python,
    files: command.files,
    checkpoints: checkpointsOf(budget),
    onResult: (result) => {
      fresh.push(result);
      if (fresh.length % WRITTEN_EVERY !== 0) return;
      write({ times: [], bars: [] });
      console.log(`${fresh.length} of ${left.length} studies`);
    },
  });
  const times = command.measuresTimes ? await measureTimes(command) : [];
  const evidence = collectEvidence([...studies, ...fresh], recorded);
  const bars = judgeBars(evidence, times, contenders);
  write({ times, bars });
  printReport(evidence, { contenders, settings, checkpoints: checkpointsOf(budget), times, bars });
  console.log(`raw: ${relative(process.cwd(), file)}`);
}

function machine(): RawResults['machine'] {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
    // Times a suggestion mean little where this is above the number of cores.
    loadAverage: Number((loadavg()[0] ?? NaN).toFixed(2)),
  };
}

/**
 * A family at a time, ours and Optuna's of the same kind in turn: a study has one sampler, which need not share caches with a
 * model a hundred times as large. The cheap families first.
 */
async function measureTimes({ python, contenders }: Command): Promise<SuggestionTime[]> {
  const subject = await findFunction(TIMED.function, []);
  await using stack = new AsyncDisposableStack();
  const rival = contenders.some(isRival) ? stack.use(startRivalProcess(python)) : undefined;
  const times: SuggestionTime[] = [];
  for (const { trials, repeats } of TIMED.histories) {
    const left = new Set(contenders);
    // Optuna's GP takes minutes at 1,000 trials.
    if (trials > 100) left.delete('optuna-gp');
    for (const family of FAMILIES) {
      const timed = CONTENDERS_OF[family].filter((name) => left.delete(name));
      times.push(...(await suggestionTimes(subject, { contenders: timed, trials, repeats, rival })));
    }
  }
  return times;
}
