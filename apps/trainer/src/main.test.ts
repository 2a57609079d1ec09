import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MeasurementMessage, MessageFromTrainer } from '@kinetune/study';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExampleFiles, writeExampleFiles } from './testing/example-files.ts';
import { type SpawnedTrainer, spawnTrainer } from './testing/spawn-trainer.ts';

let folder: string;
let files: ExampleFiles;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trainer-'));
  files = await writeExampleFiles(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const configuration = {
  layers: '8x5,8x5',
  padding: 'same',
  batchSize: 16,
  epochs: 8,
  learningRate: 0.03,
  averageWeights: 0.5,
  jitter: 0.1,
};

/** A start message for a trial with a folder of its own, named `id`. */
function start(id: string, changes: object = {}) {
  const checkpointFolder = join(folder, id);
  mkdirSync(checkpointFolder, { recursive: true });
  return {
    type: 'start',
    protocol: 1,
    trial: { id, study: 'example', number: 0, attempt: 1 },
    configuration,
    seed: 3,
    fold: 0,
    model: 'cnn1d',
    objective: { metric: 'validationMacroF1', direction: 'maximise' },
    metrics: ['trainLoss', 'validationLoss', 'validationMacroF1'],
    data: files,
    checkpointFolder,
    ...changes,
  };
}

const measurementsIn = (messages: readonly MessageFromTrainer[]): readonly MeasurementMessage[] =>
  messages.filter((message) => message.type === 'measurement');

interface Trained {
  readonly measurements: readonly MeasurementMessage[];
  readonly outcome: MessageFromTrainer | undefined;
  /** The best model's folder and weights. */
  readonly left: readonly string[];
}

async function runWhole(
  trainer: SpawnedTrainer,
  id: string,
  changes: object = {},
): Promise<Trained & { readonly messages: readonly MessageFromTrainer[] }> {
  trainer.tell(start(id, changes));
  const messages = await trainer.until('completed');
  return { messages, measurements: measurementsIn(messages), outcome: messages.at(-1), left: bestModel(id) };
}

/** Starts a trial, kills its process when `untilThen` resolves, and gives what was heard up to then. */
async function killTrainer(
  message: ReturnType<typeof start>,
  untilThen: (trainer: SpawnedTrainer) => Promise<readonly MessageFromTrainer[]>,
): Promise<readonly MessageFromTrainer[]> {
  await using trainer = spawnTrainer();
  await trainer.next();
  trainer.tell(message);
  const heard = await untilThen(trainer);
  trainer.process.kill('SIGKILL');
  expect((await trainer.ended).signal).toBe('SIGKILL');
  return heard;
}

/** As an agent does after a crash: another process, told what was heard. All measurements, the killed one's included. */
async function continueTrial(message: ReturnType<typeof start>, heard: readonly MessageFromTrainer[]) {
  const measured = new Map(measurementsIn(heard).map((measurement) => [measurement.step, measurement]));
  const resumeFromStep = Math.max(0, ...measured.keys());
  await using trainer = spawnTrainer();
  await trainer.next();
  trainer.tell({
    ...message,
    trial: { ...message.trial, attempt: 2 },
    ...(resumeFromStep === 0 ? {} : { resumeFromStep }),
  });
  const messages = await trainer.until('completed');
  const [started] = messages as [Extract<MessageFromTrainer, { type: 'started' }>];
  // What was reported is durable.
  expect(started.resumedFromStep).toBeGreaterThanOrEqual(resumeFromStep);
  for (const measurement of measurementsIn(messages)) measured.set(measurement.step, measurement);
  const trained: Trained = {
    measurements: [...measured.values()],
    outcome: messages.at(-1),
    left: bestModel(message.trial.id),
  };
  return { ...trained, messages: undefined };
}

function bestModel(id: string): readonly string[] {
  const names = readdirSync(join(folder, id)).filter((name) => name.startsWith('step-'));
  return names.map(
    (name) => `${name} ${readFileSync(join(folder, id, name, 'weights.safetensors')).toString('base64')}`,
  );
}

describe('the trainer process', () => {
  it('looks at the test people with a kept model, says why it cannot, and goes on with trials', async () => {
    await using trainer = spawnTrainer();
    expect(await trainer.next()).toMatchObject({ type: 'ready', canEvaluate: true });
    const { outcome } = await runWhole(trainer, 'evaluated');
    const { bestStep: step } = outcome as Extract<MessageFromTrainer, { type: 'completed' }>;
    const { trial, data, checkpointFolder } = start('evaluated');
    const { attempt: _, ...named } = trial;
    const request = { type: 'evaluate', protocol: 1, trial: named, checkpointFolder, step, data };
    trainer.tell(request);
    const evaluated = await trainer.next();
    const { test } = JSON.parse(readFileSync(files.splitFile, 'utf8')) as { test: string[] };
    if (evaluated.type !== 'evaluated') throw new Error(`expected evaluated, got ${JSON.stringify(evaluated)}`);
    expect(evaluated.step).toBe(step);
    expect(evaluated.evaluation.perSubject.map(({ subject }) => subject)).toEqual(test);
    const counts = evaluated.evaluation.confusionMatrix.flat().reduce((sum, count) => sum + count);
    expect(counts).toBe(evaluated.evaluation.perSubject.reduce((sum, { count }) => sum + count, 0));
    trainer.tell({ ...request, step: step + 1 });
    expect(await trainer.next()).toMatchObject({ type: 'failed', reason: expect.stringContaining('step-') });
    expect((await runWhole(trainer, 'after')).outcome).toMatchObject({ type: 'completed' });
  });

  it('trains one trial after the other and exits when it is shut down', async () => {
    await using trainer = spawnTrainer();
    expect(await trainer.next()).toMatchObject({
      type: 'ready',
      protocol: 1,
      device: 'CPU, 1 thread',
      runtime: { intraOpThreads: 1, interOpThreads: 1, xla: false, oneDnn: true },
    });
    const first = await runWhole(trainer, 'one');
    expect(first.messages[0]).toMatchObject({ type: 'started', totalSteps: 40, totalEpochs: 8, resumedFromStep: 0 });
    expect(first.measurements.map(({ step, epoch }) => [step, epoch])).toEqual(
      [5, 10, 15, 20, 25, 30, 35, 40].map((s) => [s, s / 5]),
    );
    expect(Object.keys(first.measurements[0]?.values ?? {}).sort()).toEqual([
      'trainLoss',
      'validationLoss',
      'validationMacroF1',
    ]);
    const best = Math.max(...first.measurements.map(({ values }) => values['validationMacroF1'] as number));
    expect(first.outcome).toMatchObject({ type: 'completed', bestValue: best });
    expect(best).toBeGreaterThan(0.8);

    const second = await runWhole(trainer, 'two');
    expect(second.measurements).toEqual(first.measurements);
    expect(second.left).toEqual(first.left);
    trainer.tell({ type: 'shutdown' });
    expect(await trainer.ended).toEqual({ code: 0, signal: null });
    expect(trainer.log()).toContain('trial two: completed');
  });

  it('killed by SIGKILL at any moment, the trial ends in another process as if nothing had been', async () => {
    await using reference = spawnTrainer();
    await reference.next();
    const whole = await runWhole(reference, 'whole');

    for (const epochs of [0, 1, 3]) {
      const id = `killed-${epochs}`;
      const heard = await killTrainer(start(id), async (doomed) => {
        const messages = [...(await doomed.until('started'))];
        for (let epoch = 0; epoch < epochs; epoch++) messages.push(...(await doomed.until('measurement')));
        return messages;
      });
      expect(await continueTrial(start(id), heard)).toEqual({ ...whole, messages: undefined });
    }
  });

  it('killed by SIGKILL in the middle of an epoch, it trains that epoch again to the same bits', async () => {
    const slow = { configuration: { ...configuration, layers: '224x5,314x5,440x5', batchSize: 4, epochs: 4 } };
    await using reference = spawnTrainer();
    await reference.next();
    const whole = await runWhole(reference, 'slow', slow);

    let middle = Number.NaN;
    const heard = await killTrainer(start('killed-slow', slow), async (doomed) => {
      const messages = [...(await doomed.until('measurement'))];
      for (;;) {
        const message = await doomed.next();
        messages.push(message);
        if (message.type === 'completed') throw new Error('an epoch was too short to be killed in');
        if (message.type !== 'progress' || message.epoch <= 1) continue;
        middle = message.epoch;
        return messages;
      }
    });
    expect(Number.isInteger(middle)).toBe(false);
    expect(await continueTrial(start('killed-slow', slow), heard)).toEqual({ ...whole, messages: undefined });
  });

  it('stops a trial when asked, and takes it up again', async () => {
    await using trainer = spawnTrainer();
    await trainer.next();
    const whole = await runWhole(trainer, 'unstopped');
    trainer.tell(start('stopped'));
    const before = [...(await trainer.until('measurement'))];
    trainer.tell({ type: 'stop', reason: 'pruned' });
    before.push(...(await trainer.until('stopped')));
    const { step } = before.at(-1) as Extract<MessageFromTrainer, { type: 'stopped' }>;
    expect(step).toBe(measurementsIn(before).at(-1)?.step);
    trainer.tell(start('stopped', { resumeFromStep: step }));
    const after = await trainer.until('completed');
    expect([...measurementsIn(before), ...measurementsIn(after)]).toEqual(whole.measurements);
  });

  it('ends when its agent is gone, and on SIGTERM as that signal', async () => {
    const busy = start('busy', { configuration: { ...configuration, epochs: 100_000 } });
    await using orphan = spawnTrainer();
    await orphan.next();
    orphan.tell(busy);
    await orphan.until('measurement');
    orphan.input.end();
    expect(await orphan.ended).toEqual({ code: 0, signal: null });

    await using unread = spawnTrainer();
    await unread.next();
    unread.tell(busy);
    await unread.until('measurement');
    unread.output.destroy();
    expect(await unread.ended).toEqual({ code: 0, signal: null });

    await using terminated = spawnTrainer();
    await terminated.next();
    terminated.tell(busy);
    await terminated.until('measurement');
    terminated.process.kill('SIGTERM');
    expect(await terminated.ended).toEqual({ code: null, signal: 'SIGTERM' });
    expect(readdirSync(busy.checkpointFolder).some((name) => name.startsWith('state-'))).toBe(true);
  });

  it('says what a trial cannot do, and goes on with the next', async () => {
    await using trainer = spawnTrainer();
    await trainer.next();
    const tell = async (changes: object): Promise<MessageFromTrainer> => {
      trainer.tell(start('bad', changes));
      const onTheWay = ['started', 'progress', 'measurement'];
      let message = await trainer.next();
      while (onTheWay.includes(message.type)) message = await trainer.next();
      return message;
    };
    expect(await tell({ configuration: { lr: 0.1 } })).toMatchObject({
      type: 'infeasible',
      code: 'invalid-configuration',
    });
    expect(await tell({ data: undefined })).toMatchObject({
      type: 'failed',
      reason: expect.stringContaining('windowsFile') as string,
    });
    const missing = join(folder, 'missing.windows');
    expect(await tell({ data: { ...files, windowsFile: missing } })).toMatchObject({
      type: 'failed',
      reason: expect.stringContaining(missing) as string,
    });
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, '{"train": ');
    expect(await tell({ data: { ...files, splitFile: broken } })).toMatchObject({
      type: 'failed',
      reason: expect.stringContaining(`${broken}: is not JSON`) as string,
    });
    expect(await tell({ protocol: 9 })).toMatchObject({ type: 'failed' });
    expect(await tell({ configuration: { ...configuration, epochs: 1 } })).toMatchObject({ type: 'completed' });
  });

  it('started by hand says how it is used', () => {
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    const run = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
    expect(run('--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('--intra-op-threads N') as string,
    });
    expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('file descriptors 3 and 4') as string });
    expect(run('--xla=1').status).toBe(2);
  });
});
