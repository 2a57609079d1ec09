/** Rounds of the incremental strategy and the ledger of launches. */
import {
  findLaunches,
  findRounds,
  launchesOf,
  listLaunches,
  listRounds,
  roundsOf,
  studiesOfRounds,
  type Launch,
  type Round,
} from '@kinetune/storage';
import { resolveArrayConnection } from '@pothos/plugin-relay';
import { batched } from './batched.ts';
import { builder, PAGE_SIZE } from './builder.ts';
import { ConfigurationType } from './configuration-type.ts';
import type { Context } from './context.ts';
import { LaunchDecisionEnum, RoundDecisionEnum } from './enums.ts';
import { StudyType } from './study-type.ts';

const RoundType = builder.loadableNodeRef<Round>('Round', {
  id: { resolve: ({ id }) => id },
  load: async (ids: string[], { db }) => {
    const found = await findRounds(db, ids);
    return ids.map((id) => found.get(id) ?? null) as Round[];
  },
});

const LaunchType = builder.loadableNodeRef<Launch>('Launch', {
  id: { resolve: ({ id }) => id },
  load: async (ids: string[], { db }) => {
    const found = await findLaunches(db, ids);
    return ids.map((id) => found.get(id) ?? null) as Launch[];
  },
});

RoundType.implement({
  description: 'One narrow goal, the studies that answer it, what was learned, what was decided.',
  fields: (t) => ({
    goal: t.exposeString('goal', { description: 'The one question.' }),
    studyGroup: t.exposeString('studyGroup', { nullable: true, description: 'The group of studies that it compares.' }),
    learned: t.exposeString('learned', { nullable: true, description: 'Null while it is open.' }),
    decision: t.field({
      type: RoundDecisionEnum,
      nullable: true,
      description: 'Null while it is open.',
      resolve: ({ decision }) => decision,
    }),
    openedAt: t.field({ type: 'DateTime', description: 'When it began.', resolve: ({ openedAt }) => openedAt }),
    closedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null while it is open.',
      resolve: ({ closedAt }) => closedAt,
    }),
    studies: t.field({
      type: [StudyType],
      description: 'Oldest first.',
      resolve: async ({ id }, _, context) => {
        const load = (ids: readonly string[]) => studiesOfRounds(context.db, ids);
        return [...((await batched(context, { name: 'Round.studies', id, load })) ?? [])];
      },
    }),
    launches: t.field({
      type: [LaunchType],
      description: 'The latest first.',
      resolve: ({ id }, _, context) => launchesUnder(context, 'roundId', id),
    }),
  }),
});

LaunchType.implement({
  description:
    'A decision on the best configuration: replaced by a candidate, or kept, with the evidence of that moment.',
  fields: (t) => ({
    decision: t.field({ type: LaunchDecisionEnum, description: 'What it was.', resolve: (launch) => launch.decision }),
    reason: t.exposeString('reason', { description: 'Why.' }),
    decidedBy: t.exposeString('decidedBy', { description: 'Who decided.' }),
    decidedAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ decidedAt }) => decidedAt }),
    evidence: t.field({
      type: 'JSON',
      description:
        'The analysis as it stood: effect and interval, probability of being better, complexity, the checklist.',
      resolve: ({ evidence }) => evidence,
    }),
    study: t.field({ type: StudyType, description: "The candidate's study.", resolve: ({ studyId }) => studyId }),
    round: t.field({
      type: RoundType,
      nullable: true,
      description: 'The round that it belongs to.',
      resolve: ({ roundId }) => roundId,
    }),
    configuration: t.field({
      type: ConfigurationType,
      description: 'The candidate.',
      resolve: ({ configurationId }) => configurationId,
    }),
    baseline: t.field({
      type: ConfigurationType,
      nullable: true,
      description: 'What was in use before; null where nothing was, or where it was deleted since.',
      resolve: ({ baselineId }) => baselineId,
    }),
  }),
});

builder.objectFields(StudyType, (t) => ({
  round: t.field({
    type: RoundType,
    nullable: true,
    description: 'The round whose goal it helps to answer.',
    resolve: async ({ id }, _, context) => {
      const load = (ids: readonly string[]) => roundsOf(context.db, ids);
      return (await batched(context, { name: 'Study.round', id, load })) ?? null;
    },
  }),
  launches: t.field({
    type: [LaunchType],
    description: 'Decisions on its configurations, the latest first.',
    resolve: ({ id }, _, context) => launchesUnder(context, 'studyId', id),
  }),
}));

async function launchesUnder(context: Context, owner: 'studyId' | 'roundId', id: string): Promise<Launch[]> {
  const load = (ids: readonly string[]) => launchesOf(context.db, owner, ids);
  return [...((await batched(context, { name: 'launches', options: owner, id, load })) ?? [])];
}

builder.queryFields((t) => ({
  rounds: t.connection(
    {
      type: RoundType,
      description: 'The latest first.',
      complexity: ({ first, last }) => ({ field: 1, multiplier: first ?? last ?? PAGE_SIZE.default }),
      resolve: async (_, args, { db }) => {
        const rounds = [...(await listRounds(db))];
        const page = { args, defaultSize: PAGE_SIZE.default, maxSize: PAGE_SIZE.most };
        return { ...resolveArrayConnection(page, rounds), totalCount: rounds.length };
      },
    },
    { name: 'RoundConnection' },
    { name: 'RoundEdge' },
  ),
  launches: t.connection(
    {
      type: LaunchType,
      description: 'The ledger, the latest first.',
      complexity: ({ first, last }) => ({ field: 1, multiplier: first ?? last ?? PAGE_SIZE.default }),
      resolve: async (_, args, { db }) => {
        const launches = [...(await listLaunches(db))];
        const page = { args, defaultSize: PAGE_SIZE.default, maxSize: PAGE_SIZE.most };
        return { ...resolveArrayConnection(page, launches), totalCount: launches.length };
      },
    },
    { name: 'LaunchConnection' },
    { name: 'LaunchEdge' },
  ),
}));
