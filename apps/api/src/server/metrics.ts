/** What Prometheus reads. Everything about trials, slots and studies is counted in the database at the moment it asks. */
import { connectionCounts, countSlots, countTrialsByState, studyLoads, type Database } from '@kinetune/storage';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { demandOf } from '../scheduler/demand.ts';

export interface Metrics {
  readonly http: Histogram<'method' | 'route' | 'status'>;
  /** By the field asked for: names of operations are the client's own, and could be any number. */
  readonly operations: Histogram<'kind' | 'field' | 'outcome'>;
  readonly sockets: Gauge;
  readonly refusals: Counter<'reason'>;
  /** The text of it all. */
  read(): Promise<string>;
  readonly contentType: string;
}

const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface MetricsOptions {
  /** After how much silence an agent's slots no longer count. */
  readonly silentForMs: number;
  readonly countSubscriptions: () => number;
}

export function createMetrics(db: Database, { silentForMs, countSubscriptions }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  // Processor, memory, garbage collection and the event loop's lag, as Node measures them.
  collectDefaultMetrics({ register: registry, prefix: 'kinetune_' });
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name: `kinetune_${name}`, help, labelNames: [...labelNames], registers });

  const trials = gauge('trials', 'Trials by state.', ['state']);
  const queue = gauge('queue_depth', 'Trials that wait for a slot.');
  const slots = gauge('slots', 'Slots of living agents by state.', ['state']);
  const demand = gauge('demand_slots', 'Trials that running studies want to have running: what to scale slots to.');
  const subscriptions = gauge('subscriptions', 'Subscriptions that are being followed.');
  const database = gauge('database_connections', 'Connections of this process to PostgreSQL by state.', ['state']);
  const isUp = gauge('database_up', 'Whether the database answers.');

  const count = async (): Promise<void> => {
    const [byState, held, loads] = await Promise.all([
      countTrialsByState(db),
      countSlots(db, { silentForMs }),
      studyLoads(db),
    ]);
    for (const [state, number] of Object.entries(byState)) trials.set({ state }, number);
    queue.set(byState.QUEUED);
    slots.set({ state: 'free' }, held.free);
    slots.set({ state: 'training' }, held.slots - held.free);
    demand.set(loads.reduce((sum, load) => sum + demandOf(load, held.slots).wanted, 0));
  };

  return {
    http: new Histogram({
      name: 'kinetune_http_request_seconds',
      help: 'From a request to the end of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    }),
    operations: new Histogram({
      name: 'kinetune_graphql_operation_seconds',
      help: 'From an operation to its result, by the one field of the root type that it asks for.',
      labelNames: ['kind', 'field', 'outcome'],
      buckets: SECONDS,
      registers,
    }),
    sockets: gauge('websocket_connections', 'Open websockets.'),
    refusals: new Counter({
      name: 'kinetune_refused_requests_total',
      help: 'Requests that were not answered, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    contentType: registry.contentType,
    async read() {
      const isAnswering = await count().then(
        () => true,
        () => false,
      );
      isUp.set(isAnswering ? 1 : 0);
      subscriptions.set(countSubscriptions());
      if (!isAnswering) for (const stale of [trials, queue, slots, demand]) stale.reset();
      const { total = 0, idle = 0, waiting = 0 } = connectionCounts(db) ?? {};
      database.set({ state: 'used' }, total - idle);
      database.set({ state: 'idle' }, idle);
      database.set({ state: 'waited-for' }, waiting);
      return registry.metrics();
    },
  };
}
