/** Who trains and what waits. */
import {
  findAgents,
  findSlots,
  listAgents,
  queueDepths,
  runningOn,
  slotsOf,
  type AgentRecord,
  type QueueDepth,
  type SlotRecord,
} from '@kinetune/storage';
import { resolveArrayConnection } from '@pothos/plugin-relay';
import { batched } from './batched.ts';
import { builder, PAGE_SIZE } from './builder.ts';
import { StudyType } from './study-type.ts';
import { TrialType } from './trial-type.ts';

const AgentType = builder.loadableNodeRef<AgentRecord>('Agent', {
  id: { resolve: ({ id }) => id },
  load: async (ids: string[], { db }) => {
    const found = await findAgents(db, ids);
    return ids.map((id) => found.get(id) ?? null) as AgentRecord[];
  },
});

const SlotType = builder.loadableNodeRef<SlotRecord>('Slot', {
  id: { resolve: ({ id }) => id },
  load: async (ids: string[], { db }) => {
    const found = await findSlots(db, ids);
    return ids.map((id) => found.get(id) ?? null) as SlotRecord[];
  },
});

AgentType.implement({
  description: "A process that owns a machine's slots.",
  fields: (t) => ({
    host: t.exposeString('host', { description: 'Its machine.' }),
    pid: t.exposeInt('pid', { description: 'Its process there.' }),
    startedAt: t.field({ type: 'DateTime', description: 'When it came.', resolve: ({ startedAt }) => startedAt }),
    heartbeatAt: t.field({
      type: 'DateTime',
      description: 'Its last sign of life.',
      resolve: (one) => one.heartbeatAt,
    }),
    stoppedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it went in good order; null while it lives, and for one that was killed.',
      resolve: ({ stoppedAt }) => stoppedAt,
    }),
    slots: t.field({
      type: [SlotType],
      description: 'By position.',
      complexity: { field: 1, multiplier: 8 },
      resolve: async ({ id }, _, context) => {
        const load = (ids: readonly string[]) => slotsOf(context.db, ids);
        return [...((await batched(context, { name: 'Agent.slots', id, load })) ?? [])];
      },
    }),
  }),
});

SlotType.implement({
  description: 'The right to train on one device.',
  fields: (t) => ({
    position: t.exposeInt('position', { description: "Counts the agent's slots from 0." }),
    device: t.exposeString('device', { description: 'For people: `CPU, 1 thread`, `GPU 0` ...' }),
    gpuUuid: t.exposeString('gpuUuid', {
      nullable: true,
      description: 'What its driver knows the GPU by; slots of one GPU have the same. Null for processors.',
    }),
    memoryTotalBytes: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'Memory of the GPU; null where its driver does not say.',
      resolve: ({ memoryTotalBytes }) => memoryTotalBytes,
    }),
    memoryUsedBytes: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'Memory that is in use.',
      resolve: ({ memoryUsedBytes }) => memoryUsedBytes,
    }),
    utilisation: t.exposeFloat('utilisation', {
      nullable: true,
      description: 'Share of the last moments in which something ran on the GPU, 0 to 1.',
    }),
    sampledAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the GPU was looked at.',
      resolve: ({ sampledAt }) => sampledAt,
    }),
    agent: t.field({ type: AgentType, description: 'Whose it is.', resolve: ({ agentId }) => agentId }),
    trial: t.field({
      type: TrialType,
      nullable: true,
      description: 'What it trains; null: it is free.',
      resolve: async ({ id }, _, context) => {
        const load = (ids: readonly string[]) => runningOn(context.db, ids);
        return (await batched(context, { name: 'Slot.trial', id, load })) ?? null;
      },
    }),
  }),
});

builder.objectFields(TrialType, (t) => ({
  agent: t.field({
    type: AgentType,
    nullable: true,
    description: 'Who trains or trained it last.',
    resolve: ({ agentId }) => agentId,
  }),
  slot: t.field({
    type: SlotType,
    nullable: true,
    description: 'Where it trains or trained last.',
    resolve: ({ slotId }) => slotId,
  }),
}));

const QueueDepthType = builder.objectRef<QueueDepth>('QueueDepth').implement({
  description: 'What waits of a study.',
  fields: (t) => ({
    study: t.field({ type: StudyType, description: 'The study.', resolve: ({ studyId }) => studyId }),
    queued: t.exposeInt('queued', { description: 'Trials that wait for a slot.' }),
    oldestQueuedAt: t.field({
      type: 'DateTime',
      description: 'Since when the one that waits longest does.',
      resolve: ({ oldestQueuedAt }) => oldestQueuedAt,
    }),
  }),
});

builder.queryFields((t) => ({
  agents: t.connection(
    {
      type: AgentType,
      description: 'The latest first, also those that are gone.',
      args: {
        isLiving: t.arg.boolean({ description: 'true: those that have not stopped in good order; false: the others.' }),
      },
      complexity: ({ first, last }) => ({ field: 1, multiplier: first ?? last ?? PAGE_SIZE.default }),
      resolve: async (_, args, { db }) => {
        const agents = (await listAgents(db)).filter(
          ({ stoppedAt }) => typeof args.isLiving !== 'boolean' || (stoppedAt === null) === args.isLiving,
        );
        const page = { args, defaultSize: PAGE_SIZE.default, maxSize: PAGE_SIZE.most };
        return { ...resolveArrayConnection(page, agents), totalCount: agents.length };
      },
    },
    { name: 'AgentConnection' },
    { name: 'AgentEdge' },
  ),
  queue: t.field({
    type: [QueueDepthType],
    description: 'Studies with trials that wait, the longest waiting first.',
    complexity: { field: 1, multiplier: 20 },
    resolve: async (_, __, { db }) => [...(await queueDepths(db))],
  }),
}));
