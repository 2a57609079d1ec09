/** A training that is stopped or killed, and goes on in a new process: it must come to the same end. */
import type { MeasurementMessage } from '@kinetune/study';
import { attempt, describeOutcome } from './attempt.ts';
import type { CheckBench } from './check-bench.ts';
import { adviceOn, type Verdict } from './trainer-check.ts';
import { byStep, differenceOf, type Reference } from './whole-training.ts';

export interface Interrupted {
  readonly verdict: Verdict;
  /** What an agent would know when it starts the trial again; undefined where there is nothing to resume. */
  readonly known: readonly MeasurementMessage[] | undefined;
}

/** Asks it to stop at its first measurement. */
export async function stopTraining(bench: CheckBench): Promise<Interrupted> {
  const begun = await bench.begin();
  if (typeof begun === 'string') return { verdict: { outcome: 'fail', came: begun }, known: undefined };
  const { outcome, measurements } = await attempt(begun.trainer, bench.startOf('stopped'), {
    limits: bench.limits,
    interrupt: { at: 1, by: 'stop' },
  });
  const isKilled = !begun.trainer.isAlive && begun.ready.trialsPerProcess !== 'one';
  await begun.trainer.kill();
  const came = describeOutcome(outcome);
  if (outcome.type === 'completed')
    return {
      verdict: { outcome: 'skipped', came: `it had ended before it could be stopped: ${came}`, advice: LONGER },
      known: undefined,
    };
  if (outcome.type !== 'stopped')
    return { verdict: { outcome: 'fail', came, advice: adviceOn(came, ANSWER_STOP) }, known: undefined };
  if (isKilled)
    return {
      verdict: { outcome: 'fail', came: 'no `stopped`: it was killed after its time, or exited', advice: ANSWER_STOP },
      known: measurements,
    };
  const last = measurements.filter(({ isResumable }) => isResumable).at(-1)?.step ?? 0;
  if ((outcome.step ?? 0) < last)
    return {
      verdict: {
        outcome: 'fail',
        came: `stopped at step ${outcome.step ?? 0}, after step ${last} was said to be resumable`,
        advice:
          'the state of a resumable measurement is on disk before it is sent: send isResumable false where it is not',
      },
      known: measurements,
    };
  return { verdict: { outcome: 'pass', came }, known: measurements };
}

const ANSWER_STOP = 'look for messages on file descriptor 3 while it trains, and answer stop by stopped';
const LONGER = 'give it more to do: --configuration with more epochs';

/** Kills it at its second measurement; only the first is taken as stored. */
export async function killTraining(bench: CheckBench): Promise<Interrupted> {
  const begun = await bench.begin();
  if (typeof begun === 'string') return { verdict: { outcome: 'fail', came: begun }, known: undefined };
  const { measurements, outcome } = await attempt(begun.trainer, bench.startOf('killed'), {
    limits: bench.limits,
    interrupt: { at: 2, by: 'kill' },
  });
  await begun.trainer.kill();
  if (outcome.type === 'completed' || measurements.length < 2)
    return {
      verdict: {
        outcome: 'skipped',
        came: `it had ended before it could be killed: ${describeOutcome(outcome)}`,
        advice: LONGER,
      },
      known: undefined,
    };
  return { verdict: { outcome: 'pass', came: 'killed' }, known: measurements.slice(0, 1) };
}

/** Starts an interrupted trial again in a new process, and compares the whole with the undisturbed training. */
export async function resumeTraining(
  bench: CheckBench,
  {
    trial,
    known,
    reference,
  }: { readonly trial: string; readonly known: readonly MeasurementMessage[]; readonly reference: Reference },
): Promise<Verdict> {
  const begun = await bench.begin();
  if (typeof begun === 'string') return { outcome: 'fail', came: begun };
  const from = known.at(-1)?.step ?? 0;
  const start = bench.startOf(trial, { resumeFromStep: from });
  const { started, measurements, outcome } = await attempt(
    begun.trainer,
    { ...start, trial: { ...start.trial, attempt: 2 } },
    { limits: bench.limits },
  );
  await begun.trainer.kill();
  const came = describeOutcome(outcome);
  if (outcome.type !== 'completed')
    return {
      outcome: 'fail',
      came,
      advice: adviceOn(came, 'go on from what lies in checkpointFolder, or from the beginning'),
    };
  const isResumable = known.at(-1)?.isResumable !== false;
  const repeated = measurements.find(({ step }) => step <= from);
  if (isResumable && repeated !== undefined)
    return {
      outcome: 'fail',
      came: `it measured step ${repeated.step} again`,
      advice: `after resumeFromStep ${from} send later steps alone, or send isResumable false if nothing is kept`,
    };
  const whole = new Map([...byStep(known), ...byStep(measurements)]);
  const difference = differenceOf(byStep(reference.attempt.measurements), whole);
  if (difference !== undefined && (reference.isReproducible || whole.size !== reference.attempt.measurements.length))
    return {
      outcome: 'fail',
      came: difference,
      advice:
        'keep all that the next step depends on: weights, what the optimizer remembers, the position in the data and in the random numbers',
    };
  if (difference !== undefined)
    return { outcome: 'caution', came: `${difference}; it is not reproducible without an interruption either` };
  if (!isResumable)
    return {
      outcome: 'caution',
      came: 'it began again and came to the same end',
      advice: 'keep a state to lose no epoch',
    };
  return { outcome: 'pass', came: `went on after step ${started?.resumedFromStep ?? 0} to the same end: ${came}` };
}
