/**
 * How fast the API answers what a dashboard of a large study asks: a page of its 10,000 trials, the curves of its 200 longest trials
 * (2,000 measurements each) thinned to 300 points, and its analysis, also after one more trial has ended; over HTTP, one request at a
 * time, on PostgreSQL and on PGlite.
 *
 *   npm run benchmark:api [-- --database postgres --database pglite --repeats 20]
 *
 * Bars: the median of each below 300 ms on PostgreSQL and 1 s on PGlite. What is computed only once is measured apart and has no bar:
 * the first analysis of a study since the server started that is not the one that was kept, and curves that nobody has asked for since then.
 * Needs PostgreSQL's programs for PostgreSQL; writes about 700 MB to a temporary folder.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { openPostgres, openStorage } from '@kinetune/storage';
import { startPostgres } from '@kinetune/storage/testing';
import { BUILT_IN_METRICS } from '@kinetune/study';
import { median, quantile } from '../order-statistics.ts';
import { fillStudy, SIZE } from './fill-study.ts';

const BARS_MS: Readonly<Record<string, number>> = { postgres: 300, pglite: 1000 };
const POINTS = 300;

const { values } = parseArgs({
  options: {
    database: { type: 'string', multiple: true, default: Object.keys(BARS_MS) },
    repeats: { type: 'string', default: '20' },
  },
});
const repeats = Number(values.repeats);
if (!Number.isInteger(repeats) || repeats < 1 || values.database.some((name) => BARS_MS[name] === undefined)) {
  console.error(
    `expected --repeats of at least 1 and --database postgres or pglite, got ${process.argv.slice(2).join(' ')}`,
  );
  process.exit(2);
}

interface Measured {
  readonly database: string;
  readonly what: string;
  /** Of the median; null for what has none. */
  readonly barMs: number | null;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly bytes: number;
  readonly timesMs: readonly number[];
}

interface Answer {
  readonly ms: number;
  readonly bytes: number;
  readonly study: {
    readonly trials?: {
      readonly nodes: readonly { readonly id: string; readonly totalSteps: number }[];
      readonly pageInfo?: { readonly endCursor: string };
    };
    readonly curves?: readonly { readonly count: number; readonly values: readonly number[] }[];
  };
  /** Of a mutation. */
  readonly result?: { readonly lease?: string; readonly state?: string };
}

type Ask = (query: string, variables?: object) => Promise<Answer>;

const TRIAL_PAGE = `query ($order: TrialOrder!, $filter: TrialFilter!, $after: String) { study(name: "benchmark") {
  trials(first: 50, after: $after, order: $order, filter: $filter) { totalCount pageInfo { endCursor hasNextPage }
    nodes { id number replicate state values bestValue bestStep lastStep totalSteps weightCount startedAt finishedAt
      diagnosis { labels } } } } }`;
const LONGEST = `{ study(name: "benchmark") {
  trials(first: ${SIZE.longTrials}, order: { by: BEST_VALUE, isDescending: true }) { nodes { id totalSteps } } } }`;
const CURVES = `query ($ids: [ID!]!, $metric: String!) { study(name: "benchmark") {
  curves(trialIds: $ids, metrics: [$metric], points: ${POINTS}) { trialId count steps epochs values } } }`;
const ANALYSIS = `{ study(name: "benchmark") { analysis { cursor isCurrent counts { completed infeasible } best { number value values }
  conclusion caveats checklist { isLocked lockedBy answers { question status isLocking parts { name verdict status reason } } }
  checks { name verdict status reason trialCount numbers next { action text } } next { action text } } } }`;

const ASK_CONFIGURATION = `mutation ($input: AskConfigurationInput!) { result: askConfiguration(input: $input) {
  ... on LeasedTrial { lease } } }`;
const TELL_MEASUREMENTS = `mutation ($input: TellMeasurementsInput!) { result: tellMeasurements(input: $input) {
  __typename } }`;
const FINISH_TRIAL = `mutation ($input: FinishTrialInput!) { result: finishTrial(input: $input) {
  ... on Trial { state } } }`;

const load = { before: loadavg() };
const results: Measured[] = [];
for (const database of values.database) await measure(database);
report();

async function measure(database: string): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const home = mkdtempSync(join(tmpdir(), 'kinetune-api-benchmark-'));
  stack.defer(() => rmSync(home, { recursive: true, force: true }));
  const url = database === 'postgres' ? stack.use(await startPostgres()).newDatabase() : undefined;
  {
    console.error(`${database}: writing ${SIZE.trials} trials`);
    await using storage = url === undefined ? await openStorage(home) : await openPostgres(home, url);
    await fillStudy(storage.db);
  }
  const add = (what: string, barMs: number | null, answers: readonly Answer[]): void => {
    const timesMs = answers.map(({ ms }) => rounded(ms));
    const result = {
      database,
      what,
      barMs,
      medianMs: rounded(median(timesMs)),
      p95Ms: rounded(quantile(timesMs, 0.95)),
    };
    results.push({ ...result, bytes: answers[0]?.bytes ?? 0, timesMs });
    const bar = barMs === null ? 'no bar' : `bar ${barMs} ms: ${result.medianMs < barMs ? 'reached' : 'MISSED'}`;
    console.log(`${database}, ${what}: median ${result.medianMs} ms, p95 ${result.p95Ms} ms (${bar})`);
  };
  const bar = BARS_MS[database] as number;
  {
    await using server = await serve(home, url);
    const { ask } = server;
    await ask('{ study(name: "benchmark") { id } }');
    add('trial page, sorted and filtered', bar, await trialPages(ask));
    const longest = (await ask(LONGEST)).study.trials?.nodes ?? [];
    if (longest.some(({ totalSteps }) => totalSteps !== 10 * SIZE.longMeasurements))
      throw new Error('expected the best trials to be the longest');
    const ids = longest.map(({ id }) => id);
    const others = BUILT_IN_METRICS.filter(({ name }) => name !== 'validationLoss');
    const first: Answer[] = [];
    for (const { name } of others) first.push(checkedCurves(await ask(CURVES, { ids, metric: name })));
    add('curves of 200 trials at 300 points, asked for the first time', null, first);
    await ask(CURVES, { ids, metric: 'validationLoss' });
    const curves: Answer[] = [];
    for (let i = 0; i < repeats; i++) curves.push(checkedCurves(await ask(CURVES, { ids, metric: 'validationLoss' })));
    add('curves of 200 trials at 300 points', bar, curves);
    add('analysis, computed for the first time', null, [await ask(ANALYSIS)]);
    const changed: Answer[] = [];
    for (let i = 0; i < repeats; i++) {
      await endTrial(ask, i);
      changed.push(await ask(ANALYSIS));
    }
    add('analysis after one more trial has ended', bar, changed);
    const kept: Answer[] = [];
    for (let i = 0; i < repeats; i++) kept.push(await ask(ANALYSIS));
    add('analysis', bar, kept);
  }
  await using server = await serve(home, url);
  await server.ask('{ study(name: "benchmark") { id } }');
  add('analysis, the first time after a restart', bar, [await server.ask(ANALYSIS)]);
}

/** As a loop does that asks for a configuration, trains it and tells how it went. */
async function endTrial(ask: Ask, index: number): Promise<void> {
  const worker = { study: 'benchmark', leaseSeconds: 60, worker: 'benchmark' };
  const { lease } = (await ask(ASK_CONFIGURATION, { input: worker })).result ?? {};
  if (lease === undefined) throw new Error('expected a configuration to train');
  const measurements = Array.from({ length: SIZE.shortMeasurements }, (_, epoch) => ({
    step: 10 * (epoch + 1),
    epoch: epoch + 1,
    values: Object.fromEntries(BUILT_IN_METRICS.map(({ name }) => [name, 0.8 + index / 1000 - 0.6 * Math.exp(-epoch)])),
  }));
  await ask(TELL_MEASUREMENTS, { input: { lease, measurements } });
  const { state } = (await ask(FINISH_TRIAL, { input: { lease, state: 'COMPLETED' } })).result ?? {};
  if (state !== 'COMPLETED') throw new Error(`expected a trial that has completed, got ${state}`);
}

function rounded(ms: number): number {
  return Number(ms.toFixed(1));
}

/** Another filter, another order or another page each time. */
async function trialPages(ask: Ask): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  let after: string | null = null;
  for (let i = 0; i < repeats; i++) {
    const by = ['BEST_VALUE', 'WEIGHT_COUNT', 'FINISHED_AT'][Math.floor(i / 2) % 3] as string;
    const variables = {
      order: { by, isDescending: true },
      filter: {
        states: ['COMPLETED', 'INFEASIBLE'],
        hyperparameters: [{ name: 'learningRate', range: { minimum: 1e-4 * (i + 1) } }],
      },
      after: i % 2 === 0 ? null : after,
    };
    const answer = await ask(TRIAL_PAGE, variables);
    const { trials } = answer.study;
    if (trials?.nodes.length !== 50) throw new Error('expected a whole page of trials');
    after = trials.pageInfo?.endCursor ?? null;
    answers.push(answer);
  }
  return answers;
}

function checkedCurves(answer: Answer): Answer {
  const { curves = [] } = answer.study;
  const isWhole = curves.every(
    ({ count, values: kept }) => count === SIZE.longMeasurements && kept.length > POINTS / 2,
  );
  if (curves.length !== SIZE.longTrials || !isWhole) throw new Error('expected a thinned curve of each trial');
  return answer;
}

async function serve(home: string, url: string | undefined): Promise<AsyncDisposable & { readonly ask: Ask }> {
  const program = join(import.meta.dirname, '../../apps/api/src/kinetune.ts');
  const { DATABASE_URL: _, ...environment } = process.env;
  const child = spawn(process.execPath, [program, 'serve', '--no-agent', '--port', '0', '--json', '--home', home], {
    env: { ...environment, ...(url === undefined ? {} : { DATABASE_URL: url }) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = await lines.next();
  if (line.done === true) throw new Error('the server ended before it said where it listens');
  const { url: origin } = JSON.parse(line.value) as { readonly url: string };
  return {
    async ask(query, variables = {}) {
      const start = performance.now();
      const response = await fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      const text = await response.text();
      const ms = performance.now() - start;
      const { data, errors } = JSON.parse(text) as {
        readonly data: Pick<Answer, 'study' | 'result'>;
        readonly errors?: unknown;
      };
      if (errors !== undefined) throw new Error(`expected an answer, got ${JSON.stringify(errors)}`);
      return { ms, bytes: text.length, ...data };
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function report(): void {
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const date = new Date().toISOString();
  const file = join(folder, `${date.slice(0, 16).replaceAll(':', '')}.json`);
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem(), node: process.version };
  const command = ['npm run benchmark:api --', ...process.argv.slice(2)].join(' ');
  const head = {
    date,
    command,
    seed: 'api-benchmark',
    machine,
    loadAverage: { ...load, after: loadavg() },
    size: SIZE,
  };
  writeFileSync(file, `${JSON.stringify({ ...head, results }, null, 1)}\n`);
  console.log(`raw: ${relative(process.cwd(), file)}`);
  if (results.some(({ barMs, medianMs }) => barMs !== null && medianMs >= barMs)) process.exitCode = 1;
}
