import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { messageFromTrainer, type StartMessage } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { createMessageChannel } from './message-channel.ts';
import { type RunTrial, serveTrials } from './serve-trials.ts';

const start = {
  type: 'start',
  protocol: 1,
  trial: { id: 't1', study: 's', number: 0, attempt: 1 },
  configuration: { learningRate: 0.01 },
  seed: 1,
  fold: 0,
  model: 'cnn1d',
  objective: { metric: 'validationMacroF1', direction: 'maximise' },
  metrics: ['validationMacroF1'],
  checkpointFolder: '/nowhere',
};

/** A served trainer, with the ends of its pipes. */
function serve(runTrial: RunTrial) {
  const input = new PassThrough();
  const output = new PassThrough();
  const logged: string[] = [];
  const terminate = new AbortController();
  let text = '';
  output.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const channel = createMessageChannel({ input, output });
  const log = (line: string): number => logged.push(line);
  const ready = { protocol: 1, name: 'test', device: 'none' } as const;
  const ended = serveTrials({ channel, ready, runTrial, log, terminate: terminate.signal });
  const said = () =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => messageFromTrainer.parse(JSON.parse(line)));
  return {
    input,
    output,
    logged,
    terminate,
    ended,
    said,
    tell: (message: unknown) => input.write(`${JSON.stringify(message)}\n`),
    /** Waits until that many messages have come. */
    async hears(count: number) {
      while (said().length < count) await turn();
      return said().map(({ type }) => type);
    },
  };
}

const untilStopped: RunTrial = (_, { stop }) =>
  new Promise((resolve) => stop.addEventListener('abort', () => resolve({ type: 'stopped', step: 20 })));
const completes: RunTrial = async (_, { started, measured }) => {
  await started({ resumedFromStep: 0 });
  await measured({ step: 10, epoch: 1, values: { validationMacroF1: 0.5 }, isResumable: true });
  return { type: 'completed', bestStep: 10, bestValue: 0.5 };
};

describe('serveTrials', () => {
  it('says ready, then runs one trial after the other until shutdown', async () => {
    const starts: StartMessage[] = [];
    const trainer = serve((message, reports) => (starts.push(message), completes(message, reports)));
    trainer.tell(start);
    expect(await trainer.hears(4)).toEqual(['ready', 'started', 'measurement', 'completed']);
    trainer.tell({ ...start, trial: { ...start.trial, id: 't2' } });
    expect((await trainer.hears(7)).slice(4)).toEqual(['started', 'measurement', 'completed']);
    trainer.tell({ type: 'shutdown' });
    await trainer.ended;
    expect(starts.map(({ trial }) => trial.id)).toEqual(['t1', 't2']);
    expect(starts[0]?.keepBest).toBe(1);
  });

  it('stops a trial when asked and reports the durable step', async () => {
    const trainer = serve(untilStopped);
    trainer.tell(start);
    trainer.tell({ type: 'stop', reason: 'pruned' });
    await trainer.hears(2);
    expect(trainer.said()[1]).toEqual({ type: 'stopped', step: 20 });
  });

  it('ends when its agent is gone, and says no more of the trial that ran', async () => {
    for (const leave of ['end', 'destroy'] as const) {
      const trainer = serve(untilStopped);
      trainer.tell(start);
      await trainer.hears(1);
      await turn();
      trainer.input[leave]();
      await trainer.ended;
      expect(await trainer.hears(1)).toEqual(['ready']);
    }
    const unread = serve(untilStopped);
    await unread.hears(1);
    unread.output.destroy(new Error('EPIPE'));
    await unread.ended;
    const terminated = serve(untilStopped);
    terminated.tell(start);
    await terminated.hears(1);
    terminated.terminate.abort();
    await terminated.ended;
    expect(await terminated.hears(1)).toEqual(['ready']);
  });

  it('answers a start that it cannot read with failed, and goes on', async () => {
    const trainer = serve(completes);
    trainer.tell({ ...start, protocol: 2 });
    trainer.tell({ ...start, seed: 'one' });
    await trainer.hears(3);
    expect(trainer.said()[1]).toMatchObject({
      type: 'failed',
      reason: expect.stringContaining('protocol: ') as string,
    });
    expect(trainer.said()[2]).toMatchObject({ type: 'failed', reason: expect.stringContaining('seed: ') as string });
    trainer.tell(start);
    expect((await trainer.hears(6)).at(-1)).toBe('completed');
  });

  it('logs what it does not understand or cannot do now, and goes on', async () => {
    const trainer = serve(untilStopped);
    trainer.input.write('not json\n{"type":"dance"}\nnull\n');
    trainer.tell({ type: 'stop', reason: 'cancelled' });
    trainer.tell(start);
    trainer.tell({ ...start, trial: { ...start.trial, id: 't2' } });
    trainer.tell({ type: 'stop', reason: 'cancelled' });
    expect(await trainer.hears(2)).toEqual(['ready', 'stopped']);
    expect(trainer.logged).toEqual([
      expect.stringContaining('got "not json"'),
      expect.stringContaining('type "dance"'),
      expect.stringContaining('not a message'),
      expect.stringContaining('no trial was running'),
      expect.stringContaining('start of trial t2 refused'),
    ]);
  });

  it('reports what a trial throws as failed, with the stack in the log', async () => {
    const trainer = serve(() => Promise.reject(new Error('the disk is on fire')));
    trainer.tell(start);
    await trainer.hears(2);
    expect(trainer.said()[1]).toEqual({ type: 'failed', reason: 'the disk is on fire' });
    expect(trainer.logged.join()).toContain('serve-trials.test.ts');
  });

  it('takes messages that arrive in pieces', async () => {
    const trainer = serve(completes);
    const line = `${JSON.stringify({ ...start, trial: { ...start.trial, id: 'größer' } })}\n`;
    for (const byte of Buffer.from(line)) trainer.input.write(Buffer.of(byte));
    expect((await trainer.hears(4)).at(-1)).toBe('completed');
  });
});
