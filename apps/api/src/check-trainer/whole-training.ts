/** A training from its start to its end, twice: what it measures, what it says is best, and whether it comes out the same again. */
import { isBetter, type MeasurementMessage, type StartMessage } from '@kinetune/study';
import { attempt, describeOutcome, type Attempt } from './attempt.ts';
import type { CheckBench, ReadyTrainer } from './check-bench.ts';
import { adviceOn, type Verdict } from './trainer-check.ts';

/** The undisturbed training that others are compared with. */
export interface Reference {
  readonly attempt: Attempt;
  /** Whether a second training with the same seed measured the same numbers. */
  readonly isReproducible: boolean;
}

export async function trainWhole(bench: CheckBench, { trainer }: ReadyTrainer): Promise<Attempt | string> {
  const found = await attempt(trainer, bench.startOf('whole'), { limits: bench.limits });
  return found.outcome.type === 'completed' && found.measurements.length > 0 ? found : describeOutcome(found.outcome);
}

export function judgeWhole(found: Attempt | string): Verdict {
  if (typeof found === 'string')
    return {
      outcome: 'fail',
      came: found,
      advice: adviceOn(
        found,
        'see its log (--verbose); state what it needs by --study, or by --configuration and --metric',
      ),
    };
  return { outcome: 'pass', came: `${found.measurements.length} measurements, ${describeOutcome(found.outcome)}` };
}

/** Whether the step that it calls best is the best one that it measured. */
export function judgeBest({ measurements, outcome }: Attempt, { objective }: StartMessage): Verdict {
  const scored = measurements.flatMap(({ step, values }) => {
    const value = values[objective.metric];
    return typeof value === 'number' ? [{ step, value }] : [];
  });
  const came = describeOutcome(outcome);
  if (outcome.type !== 'completed') return { outcome: 'fail', came };
  const best = scored.reduce<(typeof scored)[number] | undefined>(
    (a, b) => (a === undefined || isBetter(objective.direction, b.value, a.value) ? b : a),
    undefined,
  );
  if (best === undefined)
    return {
      outcome: 'fail',
      came: `no finite value of ${objective.metric}; it measured ${[...new Set(measurements.flatMap(({ values }) => Object.keys(values)))].join(', ') || 'nothing'}`,
      advice: 'measure the objective that start names, or name another by --metric',
    };
  const said = scored.find(({ step }) => step === outcome.bestStep);
  const isBest = said !== undefined && areClose(said.value, best.value) && areClose(outcome.bestValue, best.value);
  return isBest
    ? { outcome: 'pass', came }
    : { outcome: 'fail', came, advice: `it measured ${objective.metric} ${best.value} at step ${best.step}, its best` };
}

/** The same trial in the same process, or in another where a process is for one trial. */
export async function trainAgain(
  bench: CheckBench,
  { reference, process: { trainer, ready } }: { readonly reference: Attempt; readonly process: ReadyTrainer },
): Promise<{ readonly verdict: Verdict; readonly isReproducible: boolean }> {
  const isOne = ready.trialsPerProcess === 'one';
  let other = trainer;
  if (isOne) {
    await trainer.shutDown(bench.limits.stopMs);
    const next = await bench.begin();
    if (typeof next === 'string')
      return { verdict: { outcome: 'fail', came: next, advice: 'it must start again' }, isReproducible: false };
    other = next.trainer;
  }
  const again = await attempt(other, bench.startOf('again'), { limits: bench.limits });
  if (again.outcome.type !== 'completed')
    return {
      verdict: {
        outcome: 'fail',
        came: describeOutcome(again.outcome),
        advice: isOne
          ? 'it must train the next trial in a new process'
          : 'wait for the next start after an outcome, or say trialsPerProcess "one" in ready',
      },
      isReproducible: false,
    };
  const difference = differenceOf(byStep(reference.measurements), byStep(again.measurements));
  if (difference === undefined)
    return { verdict: { outcome: 'pass', came: 'the same measurements' }, isReproducible: true };
  return {
    verdict: { outcome: 'caution', came: difference, advice: 'draw all randomness from the seed that start gives' },
    isReproducible: false,
  };
}

export function byStep(measurements: readonly MeasurementMessage[]): ReadonlyMap<number, MeasurementMessage> {
  return new Map(measurements.map((one) => [one.step, one]));
}

type Curve = ReadonlyMap<number, MeasurementMessage>;

/** Where two curves differ first, in words; undefined where they are the same. Metrics of time are not compared. */
export function differenceOf(expected: Curve, came: Curve): string | undefined {
  const steps = [...new Set([...expected.keys(), ...came.keys()])].sort((a, b) => a - b);
  for (const step of steps) {
    const [a, b] = [expected.get(step), came.get(step)];
    if (a === undefined || b === undefined)
      return `step ${step} was measured ${b === undefined ? 'before and is missing now' : 'now and not before'}`;
    for (const [name, value] of Object.entries(a.values)) {
      const other = b.values[name];
      if (!TIMES.has(name) && !areClose(value ?? NaN, other ?? NaN))
        return `at step ${step} ${name} is ${String(other)}, and was ${String(value)}`;
    }
  }
  return undefined;
}

const TIMES = new Set(['examplesPerSecond', 'durationMs']);

/** Equal but for the last digits, which the order of a sum may move. */
function areClose(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}
