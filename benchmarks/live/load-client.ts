/**
 * Subscribers to the epochs of studies, a socket each, in a process of their own. Speaks the graphql-transport-ws protocol itself, so
 * that what is measured is the server. Started by fork; says { type: 'ready' }, and on a message { type: 'report' } what each
 * subscriber received and when.
 */
import { WebSocket } from 'ws';

export interface LoadPlan {
  readonly url: string;
  readonly studies: readonly { readonly id: string; readonly cursor: number }[];
  readonly subscribers: number;
}

/** By subscriber: its study, and the steps that it received with the moments at which it did, ms. */
export type LoadReport = readonly {
  readonly study: number;
  readonly steps: readonly number[];
  readonly receivedAt: readonly number[];
}[];

interface Message {
  readonly type: string;
  readonly payload?: { readonly data?: { readonly epochs: { readonly epochs: readonly { readonly step: number }[] } } };
}

const QUERY = `subscription ($study: ID!, $after: SafeInt) {
  epochs(studyId: $study, after: $after) { cursor epochs { trialId number replicate step epoch values } } }`;
/** Sockets that are opened at a time. */
const AT_ONCE = 50;

const plan = JSON.parse(process.argv[2] as string) as LoadPlan;
const subscribers = Array.from({ length: plan.subscribers }, (_, index) => ({
  study: index % plan.studies.length,
  steps: [] as number[],
  receivedAt: [] as number[],
}));
for (let first = 0; first < subscribers.length; first += AT_ONCE)
  await Promise.all(subscribers.slice(first, first + AT_ONCE).map(subscribe));
process.send?.({ type: 'ready' });
process.on('message', () => process.send?.(subscribers satisfies LoadReport));

function subscribe({ study, steps, receivedAt }: (typeof subscribers)[number]): Promise<void> {
  const { id, cursor } = plan.studies[study] as LoadPlan['studies'][number];
  const socket = new WebSocket(plan.url, 'graphql-transport-ws', { perMessageDeflate: false });
  const fail = (what: unknown): never => {
    throw new Error(`a subscriber failed: ${String(what)}`);
  };
  socket.on('error', fail);
  socket.on('close', (code, reason) => fail(`closed with ${code} ${reason.toString('utf8')}`));
  return new Promise((resolve) => {
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
    socket.on('message', (data) => {
      const text = (data as Buffer).toString('utf8');
      const message = JSON.parse(text) as Message;
      if (message.type === 'connection_ack') {
        const variables = { study: Buffer.from(`Study:${id}`).toString('base64'), after: cursor };
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: QUERY, variables } }));
        resolve();
      } else if (message.type === 'next' && message.payload?.data !== undefined) {
        const now = Date.now();
        for (const { step } of message.payload.data.epochs.epochs) {
          steps.push(step);
          receivedAt.push(now);
        }
      } else if (message.type !== 'ping') fail(text);
    });
  });
}
