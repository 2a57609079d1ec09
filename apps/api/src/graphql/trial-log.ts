/** Following a trial's log. */
import { findStudy, findTrial } from '@kinetune/storage';
import { invariant, isFinished } from '@kinetune/study';
import { trialLogFile } from '../agent/trial-log-file.ts';
import { sizeOf, TAIL_BYTES, type LogPart } from '../live/log-tails.ts';
import { builder } from './builder.ts';
import { Refused } from './refusal.ts';
import { TrialType } from './trial-type.ts';

const LogPartType = builder.objectRef<LogPart>('LogPart').implement({
  description: 'A part of a log, at most 64 KiB; it may end in the middle of a line that is still being written.',
  fields: (t) => ({
    cursor: t.field({
      type: 'SafeInt',
      description: 'Offset of the byte after it: go on from there.',
      resolve: ({ cursor }) => cursor,
    }),
    text: t.exposeString('text', { description: 'What was written, as UTF-8.' }),
  }),
});

builder.subscriptionFields((t) => ({
  trialLog: t.field({
    type: LogPartType,
    description:
      'What the trainer of a trial writes to stdout and stderr, over all its attempts; completes when the trial has ended and all is sent.',
    args: {
      trialId: t.arg.globalID({ required: true, for: TrialType }),
      after: t.arg({
        type: 'SafeInt',
        description: `The last cursor that was seen, 0 for all from the beginning; left out: the last ${TAIL_BYTES / 1024} KiB.`,
      }),
    },
    subscribe: async (_, { trialId: { id }, after }, { db, store, logTails }) => {
      const trial = await findTrial(db, id);
      if (trial === undefined)
        throw new Refused('unknown-trial', `expected the id of a trial, got ${id}: no trial has it`, ['trialId']);
      const study = await findStudy(db, trial.studyId);
      invariant(study !== undefined, 'a trial has a study');
      const file = trialLogFile(store, study.name, trial);
      const size = await sizeOf(file);
      if (typeof after === 'number' && (after < 0 || after > size))
        throw new Refused('bad-cursor', `expected a cursor from 0 to ${size}, the log's end, got ${after}`, ['after']);
      return logTails.follow(file, {
        after: after ?? undefined,
        isOver: async () => isFinished((await findTrial(db, id))?.state ?? 'CANCELLED'),
      });
    },
    resolve: (part: LogPart) => part,
  }),
}));
