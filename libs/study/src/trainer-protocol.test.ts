import { describe, expect, it } from 'vitest';
import { messageFromTrainer, messageToTrainer, TRAINER_PROTOCOL_VERSION } from './trainer-protocol.ts';

const spread = { minimum: 0.1, mean: 0.2, maximum: null };
const start = {
  type: 'start',
  protocol: TRAINER_PROTOCOL_VERSION,
  trial: { id: 't', study: 's', number: 0, attempt: 1 },
  configuration: { learningRate: 0.01, optimizer: 'adam', bias: true },
  seed: 4294967295,
  fold: 0,
  model: 'cnn1d',
  objective: { metric: 'validationMacroF1', direction: 'maximise' },
  metrics: ['validationMacroF1'],
  data: { windowsFile: 'w', splitFile: 's', shuffleLabelsSeed: 3 },
  checkpointFolder: '/c',
  resumeFromStep: 0,
  earlyStopping: { kind: 'patience', metric: 'validationLoss', epochs: 5 },
  keepBest: 2,
};

const evaluate = {
  type: 'evaluate',
  protocol: TRAINER_PROTOCOL_VERSION,
  trial: { id: 't', study: 's', number: 3 },
  checkpointFolder: '/c',
  step: 25,
  data: { windowsFile: 'w', splitFile: 's' },
};
const toTrainer = [start, { type: 'stop', reason: 'pruned' }, evaluate, { type: 'shutdown' }];

const fromTrainer = [
  {
    type: 'ready',
    protocol: TRAINER_PROTOCOL_VERSION,
    name: 'kinetune',
    device: 'CPU, 1 thread',
    runtime: { intraOpThreads: 1, interOpThreads: 1, xla: false, oneDnn: true },
  },
  { type: 'started', totalSteps: 100, totalEpochs: 4, weightCount: 7, resumedFromStep: 0 },
  { type: 'progress', epoch: 0.5, trainLoss: null },
  {
    type: 'measurement',
    step: 25,
    epoch: 1,
    values: { trainLoss: 0.5, gradientNorm: null },
    detail: { trainLoss: [spread], gradientNorm: [spread], clippedShare: 0 },
    evaluation: {
      confusionMatrix: [
        [1, 0],
        [0, 2],
      ],
      perSubject: [{ subject: '7', correct: 3, count: 3 }],
    },
    isResumable: true,
  },
  { type: 'completed', bestStep: 25, bestValue: 0.9 },
  { type: 'infeasible', code: 'diverged', reason: 'the loss is not finite', epoch: 1.5 },
  { type: 'failed', reason: 'no space' },
  { type: 'stopped', step: 25 },
  { type: 'evaluated', step: 25, evaluation: { confusionMatrix: [[3]], perSubject: [] } },
];

describe('a message of the trainer protocol', () => {
  it.each(toTrainer)('to the trainer comes through a line of JSON unchanged: $type', (message) => {
    expect(messageToTrainer.parse(JSON.parse(JSON.stringify(message)))).toEqual(message);
  });

  it.each(fromTrainer)('from the trainer comes through a line of JSON unchanged: $type', (message) => {
    expect(messageFromTrainer.parse(JSON.parse(JSON.stringify(message)))).toEqual(message);
  });

  it.each([
    ...toTrainer.map((message) => ({ message, schema: messageToTrainer, type: message.type })),
    ...fromTrainer.map((message) => ({ message, schema: messageFromTrainer, type: message.type })),
  ])('with a field that is not in the protocol is refused: $type', ({ message, schema }) => {
    expect(schema.safeParse(message).success).toBe(true);
    expect(schema.safeParse({ ...message, extra: 1 }).success).toBe(false);
  });

  it.each([
    ['another version', { ...start, protocol: 2 }],
    ['a fraction of a seed', { ...start, seed: 0.5 }],
    ['a nested value', { ...start, configuration: { optimizer: { name: 'adam' } } }],
    ['no attempt', { ...start, trial: { ...start.trial, attempt: 0 } }],
    ['an unknown reason to stop', { type: 'stop', reason: 'boredom' }],
    ['an unknown type', { type: 'pause' }],
    ['nothing', null],
  ])('to the trainer is refused with %s', (_, message) => {
    expect(messageToTrainer.safeParse(message).success).toBe(false);
  });

  it.each([
    ['a value that is not finite', { type: 'measurement', step: 1, epoch: 1, values: { trainLoss: NaN } }],
    ['a value that is text', { type: 'measurement', step: 1, epoch: 1, values: { trainLoss: '0.5' } }],
    ['a step before the first', { type: 'measurement', step: -1, epoch: 1, values: {} }],
    [
      'an epoch in more than 16 parts',
      {
        type: 'measurement',
        step: 1,
        epoch: 1,
        values: {},
        detail: { trainLoss: Array(17).fill(spread), gradientNorm: [], clippedShare: 0 },
      },
    ],
    ['a best value that is not finite', { type: 'completed', bestStep: 1, bestValue: Infinity }],
    ['an end without a reason', { type: 'failed' }],
  ])('from the trainer is refused with %s', (_, message) => {
    expect(messageFromTrainer.safeParse(message).success).toBe(false);
  });

  it('that leaves out what has a default gets it', () => {
    expect(messageFromTrainer.parse({ type: 'measurement', step: 1, epoch: 1, values: {} })).toMatchObject({
      isResumable: true,
    });
    expect(messageFromTrainer.parse({ type: 'started' })).toMatchObject({ resumedFromStep: 0 });
  });
});
