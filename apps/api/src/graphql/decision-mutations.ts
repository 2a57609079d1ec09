/** What a person decides: a question that is passed over, what was learned, what is adopted. */
import { QUESTION_IDS, type RoundReport } from '@kinetune/search';
import {
  closeRound,
  createRound,
  findRounds,
  LAUNCH_DECISIONS,
  ROUND_DECISIONS,
  studiesOfRounds,
  type Launch,
  type LaunchDecision,
  type Round,
  type Study,
} from '@kinetune/storage';
import { gatherReport } from '../report/gather-report.ts';
import { concludeStudy, decideAdoption, overrideQuestion, requireOpen } from '../studies/conclude-study.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { checkBounds } from './input-bounds.ts';
import { Refused, refusing, requireText } from './refusal.ts';
import { requireStudy } from './require-stored.ts';
import { StudyType } from './study-type.ts';

const OverrideInput = builder.inputType('OverrideQuestionInput', {
  fields: (t) => ({
    studyId: t.globalID({ required: true, for: StudyType }),
    question: t.string({ required: true, description: `One of ${QUESTION_IDS.join(', ')}.` }),
    reason: t.string({ required: true, description: 'Why the result holds all the same; it stays with it.' }),
  }),
});

const ConcludeInput = builder.inputType('ConcludeStudyInput', {
  fields: (t) => ({
    studyId: t.globalID({ required: true, for: StudyType }),
    conclusion: t.string({ required: true, description: 'What was learned, in place of an earlier conclusion.' }),
  }),
});

const AdoptionInput = builder.inputType('AdoptionInput', {
  description: 'A candidate, and what it would replace.',
  fields: (t) => ({
    studyId: t.globalID({ required: true, for: StudyType }),
    number: t.int({ required: true, description: 'Of the candidate, a completed configuration of the study.' }),
    baseline: t.int({ description: 'Number of what was in use, in the same study; absent: nothing was.' }),
    reason: t.string({ description: 'Why; it stays with the decision.', required: true }),
  }),
});

const OpenRoundInput = builder.inputType('OpenRoundInput', {
  fields: (t) => ({
    goal: t.string({ required: true, description: 'The one question that its studies answer.' }),
    studyIds: t.globalIDList({ required: true, for: StudyType, description: 'Each is in one round at most.' }),
    studyGroup: t.string({ description: 'The group of studies that it compares.' }),
  }),
});

const ConcludeRoundInput = builder.inputType('ConcludeRoundInput', {
  fields: (t) => ({
    roundId: t.globalID({ description: 'Global id of the round.', required: true }),
    learned: t.string({ description: 'What was learned, in a sentence or two.', required: true }),
    decision: t.string({ required: true, description: `One of ${ROUND_DECISIONS.join(', ')}.` }),
  }),
});

interface Judged {
  readonly study: Study;
  readonly report: RoundReport;
}

const JudgedType = builder.objectRef<Judged>('JudgedStudy').implement({
  description: 'A study, and whether its result may be believed.',
  fields: (t) => ({
    study: t.field({ type: StudyType, description: 'The study.', resolve: ({ study }) => study }),
    isLocked: t.boolean({
      description: 'A question before believing the result is open: no conclusion, no launch.',
      resolve: ({ report }) => report.checklist.isLocked,
    }),
    lockedBy: t.stringList({
      description: 'The questions that are open.',
      resolve: ({ report }) => [...report.checklist.lockedBy],
    }),
    caveats: t.stringList({
      description: 'What a conclusion holds for.',
      resolve: ({ report }) => [...report.caveats],
    }),
  }),
});

interface Decided {
  readonly study: Study;
  readonly launch: Launch;
}

const DecidedType = builder.objectRef<Decided>('AdoptionDecision').implement({
  description:
    'An entry of the ledger: a configuration replaced another, or did not, with the evidence of that moment.',
  fields: (t) => ({
    study: t.field({ type: StudyType, description: 'The study of the candidate.', resolve: ({ study }) => study }),
    decision: t.string({
      description: `One of ${LAUNCH_DECISIONS.join(', ')}.`,
      resolve: ({ launch }) => launch.decision,
    }),
    reason: t.string({ description: 'Why.', resolve: ({ launch }) => launch.reason }),
    decidedBy: t.string({ description: 'Who decided.', resolve: ({ launch }) => launch.decidedBy }),
    decidedAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ launch }) => launch.decidedAt }),
    evidence: t.field({
      type: 'JSON',
      description:
        'The analysis as it stood: effect and interval, probability of being better, the checklist, caveats.',
      resolve: ({ launch }) => launch.evidence,
    }),
  }),
});

const RoundOutcomeType = builder.objectRef<Round>('RoundOutcome').implement({
  description: 'A round as it is after it was opened or concluded.',
  fields: (t) => ({
    roundId: t.globalID({ description: 'Global id of the round.', resolve: ({ id }) => ({ type: 'Round', id }) }),
    goal: t.exposeString('goal', { description: 'The one question.' }),
    learned: t.exposeString('learned', { description: 'What was learned; null while it is open.', nullable: true }),
    decision: t.exposeString('decision', { description: 'What was decided; null while it is open.', nullable: true }),
    closedAt: t.field({
      type: 'DateTime',
      description: 'When it ended; null while it is open.',
      nullable: true,
      resolve: ({ closedAt }) => closedAt,
    }),
  }),
});

const errors = { types: [Refused] };

builder.mutationFields((t) => ({
  overrideQuestion: t.field({
    type: JudgedType,
    description:
      'Passes over a question before believing a result, with a reason that stays with it. Its answer is the analysis’s own: nobody sets it.',
    errors,
    args: { input: t.arg({ type: OverrideInput, required: true }) },
    resolve: async (_, { input }, { db, viewer }): Promise<Judged> => {
      checkBounds(input);
      const { question, reason } = input;
      const study = await requireStudy(db, input.studyId.id);
      return refusing([], () => overrideQuestion(db, study, { question, reason, by: viewer.name, at: new Date() }));
    },
  }),
  concludeStudy: t.field({
    type: JudgedType,
    description: 'Writes down what was learned; refused while a question before believing it is open.',
    errors,
    args: { input: t.arg({ type: ConcludeInput, required: true }) },
    resolve: async (_, { input }, { db }): Promise<Judged> => {
      checkBounds(input);
      const study = await requireStudy(db, input.studyId.id);
      const conclusion = requireText('conclusion', input.conclusion);
      return refusing(['studyId'], () => concludeStudy(db, study, conclusion));
    },
  }),
  adoptConfiguration: t.field({
    type: DecidedType,
    description: 'Enters into the ledger that a configuration is in use from now on; refused while a question is open.',
    errors,
    args: { input: t.arg({ type: AdoptionInput, required: true }) },
    resolve: (_, { input }, context): Promise<Decided> => decide('adopted', input, context),
  }),
  rejectConfiguration: t.field({
    type: DecidedType,
    description: 'Enters into the ledger that a candidate is not adopted; refused while a question is open.',
    errors,
    args: { input: t.arg({ type: AdoptionInput, required: true }) },
    resolve: (_, { input }, context): Promise<Decided> => decide('rejected', input, context),
  }),
  openRound: t.field({
    type: RoundOutcomeType,
    description: 'Opens a round over studies that are in none.',
    errors,
    args: { input: t.arg({ type: OpenRoundInput, required: true }) },
    resolve: async (_, { input }, { db }): Promise<Round> => {
      checkBounds(input);
      const goal = requireText('goal', input.goal);
      const { studyGroup = null } = input;
      return refusing(['studyIds'], () =>
        createRound(db, { goal, studyGroup, studyIds: input.studyIds.map(({ id }) => id) }),
      );
    },
  }),
  concludeRound: t.field({
    type: RoundOutcomeType,
    description: 'Ends a round with what was learned; refused while a question of one of its studies is open.',
    errors,
    args: { input: t.arg({ type: ConcludeRoundInput, required: true }) },
    resolve: async (_, { input }, { db }): Promise<Round> => {
      checkBounds(input);
      const learned = requireText('learned', input.learned);
      const decision = ROUND_DECISIONS.find((one) => one === input.decision);
      if (decision === undefined)
        throw new Refused('unknown-decision', `expected one of ${ROUND_DECISIONS.join(', ')}, got ${input.decision}`, [
          'decision',
        ]);
      const { id } = input.roundId;
      return refusing(['roundId'], async () => {
        if ((await findRounds(db, [id])).size > 0)
          for (const study of (await studiesOfRounds(db, [id])).get(id) ?? [])
            requireOpen(study, await gatherReport(db, study));
        return closeRound(db, id, { learned, decision });
      });
    },
  }),
}));

async function decide(
  decision: LaunchDecision,
  input: typeof AdoptionInput.$inferInput,
  { db, viewer }: Context,
): Promise<Decided> {
  checkBounds(input);
  const reason = requireText('reason', input.reason);
  const study = await requireStudy(db, input.studyId.id);
  const { number, baseline } = input;
  const launch = await refusing([], () =>
    decideAdoption(db, study, { decision, number, baseline: baseline ?? undefined, reason, by: viewer.name }),
  );
  return { study: await requireStudy(db, study.id), launch };
}
