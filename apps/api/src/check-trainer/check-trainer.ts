/** Puts a trainer through the protocol, from its first word to its end. */
import type { HyperparameterValue } from '@kinetune/study';
import { attempt, describeOutcome } from './attempt.ts';
import { endInput, sendInPieces, sendNonsense, sendOtherVersion, sendShutdown } from './bad-messages.ts';
import type { CheckBench } from './check-bench.ts';
import { killTraining, resumeTraining, stopTraining } from './stop-and-resume.ts';
import { adviceOn, type TrainerCheck, type Verdict } from './trainer-check.ts';
import { judgeBest, judgeWhole, trainAgain, trainWhole } from './whole-training.ts';

export interface CheckTrainerOptions {
  /** Values on top of the configuration under which training diverges; undefined: that is not tried. */
  readonly diverging: Readonly<Record<string, HyperparameterValue>> | undefined;
  /** Told of each check as soon as it is judged. */
  readonly onCheck: (check: TrainerCheck) => void;
}

/** All checks, in order; what an earlier failure makes meaningless is skipped. */
export async function checkTrainer(
  bench: CheckBench,
  { diverging, onCheck }: CheckTrainerOptions,
): Promise<readonly TrainerCheck[]> {
  const checks: TrainerCheck[] = [];
  const note = (name: string, expected: string, verdict: Verdict): boolean => {
    const check: TrainerCheck = { name, expected, advice: null, ...verdict };
    checks.push(check);
    onCheck(check);
    return verdict.outcome !== 'fail';
  };
  const begun = await bench.begin();
  const isReady = note('ready', 'ready, with protocol 1, as its first message', judgeReady(begun));
  if (!isReady || typeof begun === 'string') return checks;

  const whole = await trainWhole(bench, begun);
  note('training', 'started, measurements of declared metrics at rising steps, completed', judgeWhole(whole));
  if (typeof whole === 'string') return checks;
  note(
    'best step',
    "the objective's best value and its step, as it measured them",
    judgeBest(whole, bench.startOf('whole')),
  );
  note(
    'silence',
    `no silence near the limit of ${bench.limits.silenceMs / 1000} s`,
    judgeSilence(whole.longestSilenceMs, bench),
  );
  const again = await trainAgain(bench, { reference: whole, process: begun });
  const isOne = begun.ready.trialsPerProcess === 'one';
  note(
    'next trial',
    `another trial in ${isOne ? 'another' : 'the same'} process; by the same seed the same numbers`,
    again.verdict,
  );
  await begun.trainer.kill();

  const reference = { attempt: whole, isReproducible: again.isReproducible };
  const stopped = await stopTraining(bench);
  note('stop', `stopped, within ${bench.limits.stopMs / 1000} s, with the step it can go on from`, stopped.verdict);
  const resumed = 'the steps after resumeFromStep, and the same end as undisturbed';
  if (stopped.known !== undefined)
    note(
      'resume after a stop',
      resumed,
      await resumeTraining(bench, { trial: 'stopped', known: stopped.known, reference }),
    );
  const killed = await killTraining(bench);
  if (killed.known === undefined) note('resume after a kill', resumed, killed.verdict);
  else
    note(
      'resume after a kill',
      `${resumed}; what was measured and not stored is sent again`,
      await resumeTraining(bench, { trial: 'killed', known: killed.known, reference }),
    );
  note(
    'nothing to resume from',
    'a training from the beginning where checkpointFolder is empty',
    await resumeTraining(bench, { trial: 'empty', known: [], reference }),
  );

  note('lines that are no messages', 'it logs them, says nothing, and hears the next start', await sendNonsense(bench));
  note('another version', 'failed, with the reason', await sendOtherVersion(bench));
  note('a start in pieces, another start, stop', 'the first trial alone, and one outcome', await sendInPieces(bench));
  note('shutdown', 'exited with code 0', await sendShutdown(bench));
  note('end of input while it trains', `exited, within ${bench.limits.stopMs / 1000} s`, await endInput(bench));
  note('numbers that are not finite', 'null for such a value, or infeasible', await diverge(bench, diverging));
  return checks;
}

function judgeReady(begun: Awaited<ReturnType<CheckBench['begin']>>): Verdict {
  if (typeof begun === 'string')
    return {
      outcome: 'fail',
      came: begun,
      advice: 'send {"type":"ready","protocol":1,"name":...,"device":...} as a line on file descriptor 4, and flush it',
    };
  const { name, device, trialsPerProcess = 'many' } = begun.ready;
  return {
    outcome: 'pass',
    came: `${name} on ${device}, ${trialsPerProcess} trial${trialsPerProcess === 'one' ? '' : 's'} a process`,
  };
}

function judgeSilence(longestMs: number, { limits }: CheckBench): Verdict {
  const came = `at most ${(longestMs / 1000).toFixed(1)} s without a message`;
  return longestMs > limits.silenceMs / 2
    ? {
        outcome: 'caution',
        came,
        advice: 'send progress between measurements: a trainer that says nothing is taken as hung',
      }
    : { outcome: 'pass', came };
}

async function diverge(bench: CheckBench, diverging: CheckTrainerOptions['diverging']): Promise<Verdict> {
  if (diverging === undefined)
    return {
      outcome: 'skipped',
      came: 'not tried',
      advice: 'name values under which it diverges: --diverging \'{"learningRate": 1e30}\'',
    };
  const begun = await bench.begin();
  if (typeof begun === 'string') return { outcome: 'fail', came: begun };
  const start = bench.startOf('diverging');
  const { outcome, measurements } = await attempt(
    begun.trainer,
    { ...start, configuration: { ...start.configuration, ...diverging } },
    { limits: bench.limits },
  );
  await begun.trainer.kill();
  const came = describeOutcome(outcome);
  if (outcome.type === 'failed')
    return {
      outcome: 'fail',
      came,
      advice: adviceOn(came, 'a configuration that cannot be trained is infeasible, not failed'),
    };
  const hasNull = measurements.some(({ values }) => Object.values(values).includes(null));
  return outcome.type === 'infeasible' || hasNull
    ? { outcome: 'pass', came }
    : { outcome: 'skipped', came: `it did not diverge: ${came}`, advice: 'name other values' };
}
