/** Following the slots of all agents. */
import type { SlotState } from '@kinetune/storage';
import type { SlotChange } from '../live/slot-feed.ts';
import { builder } from './builder.ts';
import { TrialType } from './trial-type.ts';

const SlotStateType = builder.objectRef<SlotState>('SlotState').implement({
  description: 'A slot, the right to train on one device, as it is now.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Of the slot; the same in `goneIds`.' }),
    agentId: t.exposeString('agentId', { description: 'The process that owns it.' }),
    host: t.exposeString('host', { description: 'Its machine.' }),
    pid: t.exposeInt('pid', { description: 'The process on that machine.' }),
    position: t.exposeInt('position', { description: "Counts the agent's slots from 0." }),
    device: t.exposeString('device', { description: 'For people.' }),
    memoryTotalBytes: t.field({
      type: 'SafeInt',
      description: 'Of its GPU; null where its driver does not say, and for processors.',
      nullable: true,
      resolve: (slot) => slot.memoryTotalBytes,
    }),
    memoryUsedBytes: t.field({
      type: 'SafeInt',
      description: 'Of its GPU, by whatever runs on it.',
      nullable: true,
      resolve: (slot) => slot.memoryUsedBytes,
    }),
    utilisation: t.exposeFloat('utilisation', { nullable: true, description: 'Of its GPU, 0 to 1.' }),
    trial: t.field({
      type: TrialType,
      nullable: true,
      description: 'What it trains; null: it is free.',
      resolve: ({ trialId }) => trialId,
    }),
  }),
});

const SlotChangeType = builder.objectRef<SlotChange>('SlotChange').implement({
  description: 'All slots as they are, or those that have changed since the change before.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: 'Go on after it.' }),
    isWhole: t.exposeBoolean('isWhole', { description: 'These are all slots: others are gone.' }),
    slots: t.field({
      type: [SlotStateType],
      description: 'Those that changed, or all.',
      resolve: ({ slots }) => [...slots],
    }),
    goneIds: t.exposeStringList('goneIds', { description: 'Slots that went with their agent.' }),
  }),
});

builder.subscriptionFields((t) => ({
  slotUpdates: t.field({
    type: SlotChangeType,
    description:
      'Slots whenever they change: taken, free, come or gone with their agent. First all as they are; after a cursor only what has changed since, or all again where that is not remembered.',
    args: { after: t.arg.string({ description: 'The last cursor that was seen.' }) },
    subscribe: (_, { after }, { slotFeed }) => slotFeed.follow(after ?? undefined),
    resolve: (change: SlotChange) => change,
  }),
}));
