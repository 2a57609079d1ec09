/**
 * A trainer for tests: speaks the protocol, computes a made-up learning curve that is a function of configuration, seed
 * and epoch, keeps its state in the checkpoint folder, and misbehaves as KINETUNE_FAKE_TRAINER (JSON, `FakeBehaviour`) asks.
 */
import { existsSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createRng,
  messageToTrainer,
  TRAINER_PROTOCOL_VERSION,
  type MessageFromTrainer,
  type StartMessage,
} from '@kinetune/study';

/** Which trial, attempt and epoch something happens in; what is left out is any. */
export interface FakeMoment {
  readonly trial?: number;
  readonly attempt?: number;
  readonly epoch?: number;
}

export interface FakeBehaviour {
  readonly epochs?: number;
  readonly epochMs?: number;
  /** Ends with exit code 7. */
  readonly crash?: readonly FakeMoment[];
  /** Ends by SIGKILL of its own. */
  readonly killed?: readonly FakeMoment[];
  /** Says nothing any more, and does not heed `stop`. */
  readonly hang?: readonly FakeMoment[];
  /** Says this line instead of the epoch's measurement. */
  readonly babble?: readonly (FakeMoment & { readonly line: string })[];
  readonly infeasible?: readonly (FakeMoment & { readonly code: string })[];
  readonly failed?: readonly (FakeMoment & { readonly reason?: string })[];
  /** Writes the words to stderr and ends with the code. */
  readonly dies?: readonly (FakeMoment & { readonly code: number; readonly words: string })[];
  /** Ends this long after each trial's outcome, although its `ready` does not say so. */
  readonly exitsAfterTrialMs?: number;
  /** Ends before `ready`. */
  readonly failsToStart?: boolean;
  /** Does not heed `stop`, but goes on. */
  readonly ignoresStop?: boolean;
  /** Asked to stop it takes so long to, and says so in the journal by epoch 0. */
  readonly stopMs?: number;
  /** Appends a line `trial attempt epoch pid` for every epoch it computes: what work was done, and how often. */
  readonly journal?: string;
}

const behaviour = JSON.parse(process.env.KINETUNE_FAKE_TRAINER ?? '{}') as FakeBehaviour;
const epochs = behaviour.epochs ?? 5;
const stepsPerEpoch = 10;
let isStopAsked = false;
let isWorking = false;

if (behaviour.failsToStart === true) {
  process.stderr.write('Error: libtensorflow.so.2: cannot open shared object file\n');
  process.exit(1);
}
process.stdout.write('a word on stdout, which is the log\n');
send({ type: 'ready', protocol: TRAINER_PROTOCOL_VERSION, name: 'fake', device: 'nothing' });

// A socket, not a read stream: a blocked read would keep `process.exit` waiting.
for await (const line of createInterface({ input: new Socket({ fd: 3, readable: true, writable: false }) })) {
  const message = messageToTrainer.parse(JSON.parse(line));
  if (message.type === 'shutdown') process.exit(0);
  if (message.type === 'stop') {
    isStopAsked = true;
  } else if (message.type === 'start') {
    if (isWorking) throw new Error('two trials at a time');
    void work(message);
  }
}
process.exit(0);

async function work(start: StartMessage): Promise<void> {
  isWorking = true;
  isStopAsked = false;
  const stateFile = join(start.checkpointFolder, 'state.json');
  const isResumed = start.resumeFromStep !== undefined && existsSync(stateFile);
  const done = isResumed ? (JSON.parse(readFileSync(stateFile, 'utf8')) as { epoch: number }).epoch : 0;
  send({
    type: 'started',
    totalSteps: epochs * stepsPerEpoch,
    totalEpochs: epochs,
    weightCount: 10,
    resumedFromStep: done * stepsPerEpoch,
  });
  const known = (start.resumeFromStep ?? 0) / stepsPerEpoch;
  // What it has and the agent lost is sent again.
  for (let epoch = Math.min(known, done) + 1; epoch <= done; epoch++) measure(start, epoch);
  for (let epoch = done + 1; epoch <= epochs; epoch++) {
    const isNow = (moments: readonly FakeMoment[] | undefined): FakeMoment | undefined =>
      moments?.find(
        (moment) =>
          (moment.trial ?? start.trial.number) === start.trial.number &&
          (moment.attempt ?? start.trial.attempt) === start.trial.attempt &&
          (moment.epoch ?? epoch) === epoch,
      );
    await sleep(behaviour.epochMs ?? 1);
    send({ type: 'progress', epoch: epoch - 0.5, trainLoss: lossAt(start, epoch) });
    if (isStopAsked && behaviour.stopMs !== undefined) {
      note(start, 0);
      await sleep(behaviour.stopMs);
    }
    if (isStopAsked && behaviour.ignoresStop !== true)
      return finish({ type: 'stopped', step: (epoch - 1) * stepsPerEpoch });
    if (isNow(behaviour.crash)) process.exit(7);
    if (isNow(behaviour.killed)) process.kill(process.pid, 'SIGKILL');
    if (isNow(behaviour.hang)) for (;;) await sleep(1e6);
    const failed = isNow(behaviour.failed) as { reason?: string } | undefined;
    if (failed !== undefined) return finish({ type: 'failed', reason: failed.reason ?? 'the device was lost' });
    const death = isNow(behaviour.dies) as { code: number; words: string } | undefined;
    if (death !== undefined) {
      writeSync(2, `${death.words}\n`);
      process.exit(death.code);
    }
    const babble = isNow(behaviour.babble) as { line: string } | undefined;
    if (babble !== undefined) {
      writeSync(4, `${babble.line}\n`);
      await sleep(1e6);
    }
    const infeasible = isNow(behaviour.infeasible) as { code: string } | undefined;
    if (infeasible !== undefined)
      return finish({ type: 'infeasible', code: infeasible.code, reason: `made up: ${infeasible.code}`, epoch });
    note(start, epoch);
    writeFileSync(`${stateFile}.part`, JSON.stringify({ epoch }));
    renameSync(`${stateFile}.part`, stateFile);
    measure(start, epoch);
  }
  const accuracies = Array.from({ length: epochs }, (_, index) => accuracyAt(start, index + 1));
  const bestValue = Math.max(...accuracies);
  finish({ type: 'completed', bestStep: (accuracies.indexOf(bestValue) + 1) * stepsPerEpoch, bestValue });
}

function note({ trial }: StartMessage, epoch: number): void {
  if (behaviour.journal === undefined) return;
  writeFileSync(behaviour.journal, `${trial.number} ${trial.attempt} ${epoch} ${process.pid}\n`, { flag: 'a' });
}

function measure(start: StartMessage, epoch: number): void {
  const accuracy = accuracyAt(start, epoch);
  const loss = lossAt(start, epoch);
  send({
    type: 'measurement',
    step: epoch * stepsPerEpoch,
    epoch,
    values: {
      trainLoss: loss,
      trainAccuracy: accuracy,
      validationLoss: loss * 1.1,
      validationAccuracy: accuracy,
      validationMacroF1: accuracy,
    },
    evaluation: {
      confusionMatrix: [
        [Math.round(accuracy * 100), 100 - Math.round(accuracy * 100)],
        [0, 100],
      ],
      perSubject: [],
    },
    isResumable: true,
  });
}

function lossAt(start: StartMessage, epoch: number): number {
  const learningRate = Number(start.configuration.learningRate ?? 1e-3);
  const distance = Math.abs(Math.log10(learningRate) + 2.5);
  return 0.2 + 0.2 * distance + 1.5 * Math.exp(-epoch / 2) + 0.01 * createRng(start.seed, epoch).next();
}

function accuracyAt(start: StartMessage, epoch: number): number {
  return Math.exp(-lossAt(start, epoch));
}

function finish(message: MessageFromTrainer): void {
  isWorking = false;
  send(message);
  if (behaviour.exitsAfterTrialMs !== undefined) setTimeout(() => process.exit(0), behaviour.exitsAfterTrialMs);
}

function send(message: MessageFromTrainer): void {
  writeSync(4, `${JSON.stringify(message)}\n`);
}
