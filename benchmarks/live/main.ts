/**
 * How long an epoch takes from the database to those who follow its study: subscribers over graphql-ws in a process of their own,
 * spread evenly over studies, while every study measures. On PostgreSQL the writer is a third process, as agents on other machines
 * are; on PGlite it is in the server, where its agent is.
 *
 *   npm run benchmark:live [-- --subscribers 1000 --studies 20 --rate 100 --seconds 30 --database pglite]
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, getPriority, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPostgres } from '@kinetune/storage/testing';
import { quantile } from '../order-statistics.ts';
import type { LoadPlan, LoadReport } from './load-client.ts';

const DATABASES = ['postgres', 'pglite'] as const;
const BAR_P99_MS = 250;
/** A machine that is busy with other things may not get as much written; then nothing is shown. */
const LEAST_SHARE_WRITTEN = 0.95;
const WARM_UP_SECONDS = 3;
const LOAD = join(import.meta.dirname, '../../apps/api/src/testing/live-load.ts');

const { values } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '1000' },
    studies: { type: 'string', default: '20' },
    rate: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '30' },
    database: { type: 'string', multiple: true, default: [...DATABASES] },
  },
});
const plan = {
  subscribers: Number(values.subscribers),
  studies: Number(values.studies),
  rate: Number(values.rate),
  seconds: Number(values.seconds),
};

type Moments = readonly (readonly [study: number, step: number, asked: number, stored: number])[];

interface Child extends AsyncDisposable {
  /** The next line that it prints, read as JSON. */
  say(command?: object): Promise<unknown>;
  cpuSeconds(): number;
}

const results = [];
for (const database of values.database) {
  const result = await measure(database);
  results.push(result);
  const { fromStored: f, cpuSeconds } = result;
  process.stdout.write(
    `${database}: p50 ${f.p50} ms, p99 ${f.p99} ms, most ${f.most} ms from stored to received; ${result.received} epochs received, ${result.missed} missed, ${result.repeated} repeated; ${result.writtenPerSecond} written a second; CPU ${JSON.stringify(cpuSeconds)} s in ${plan.seconds} s\n`,
  );
}
const folder = join(import.meta.dirname, 'results');
mkdirSync(folder, { recursive: true });
const date = new Date().toISOString();
const file = join(folder, `${date.slice(0, 16).replaceAll(':', '')}.json`);
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryBytes: totalmem(),
  node: process.version,
  niceness: getPriority(),
};
const command = ['npm run benchmark:live --', ...process.argv.slice(2)].join(' ').trim();
writeFileSync(
  file,
  `${JSON.stringify({ date, command, seed: 'none: nothing is drawn', machine, plan, results }, null, 2)}\n`,
);
process.stdout.write(`written: ${file}\n`);
const isMet = results.every(
  ({ fromStored, missed, repeated, writtenPerSecond }) =>
    fromStored.p99 < BAR_P99_MS && missed + repeated === 0 && writtenPerSecond >= LEAST_SHARE_WRITTEN * plan.rate,
);
process.stdout.write(
  `the bar (p99 under ${BAR_P99_MS} ms at ${plan.rate} a second, each once) is ${isMet ? 'met' : 'not met'}\n`,
);
if (!isMet) process.exitCode = 1;

async function measure(database: string) {
  await using stack = new AsyncDisposableStack();
  const home = mkdtempSync(join(tmpdir(), 'kinetune-live-'));
  stack.defer(() => rmSync(home, { recursive: true, force: true }));
  const postgres = database === 'postgres' ? stack.use(await startPostgres()) : undefined;
  const environment = postgres === undefined ? {} : { DATABASE_URL: postgres.newDatabase() };
  const server = stack.use(child(['serve', home, String(plan.studies)], environment));
  const { url, studies } = (await server.say()) as Pick<LoadPlan, 'url' | 'studies'>;
  const writer = postgres === undefined ? server : stack.use(child(['write', home], environment));
  if (writer !== server) await writer.say();
  const load: LoadPlan = { url: `${url.replace('http', 'ws')}/graphql`, studies, subscribers: plan.subscribers };
  const client = stack.adopt(
    fork(join(import.meta.dirname, 'load-client.ts'), [JSON.stringify(load)]),
    (one) => void one.kill(),
  );
  await message(client);
  const { rate, seconds } = plan;
  const warmUp = (await writer.say({ studies, rate, seconds: WARM_UP_SECONDS, firstStep: 1 })) as Moments;
  const firstStep = Math.max(...warmUp.map(([, step]) => step)) + 1;
  const before = [server.cpuSeconds(), cpuSecondsOf(client.pid)];
  const loadBefore = loadavg();
  const moments = (await writer.say({ studies, rate, seconds, firstStep })) as Moments;
  const after = [server.cpuSeconds(), cpuSecondsOf(client.pid)];
  await setTimeout(2_000);
  client.send({ type: 'report' });
  const report = (await message(client)) as LoadReport;

  const written = new Map(moments.map(([study, step, asked, stored]) => [`${study} ${step}`, { asked, stored }]));
  const fromStored: number[] = [];
  const fromAsked: number[] = [];
  let missed = 0;
  let repeated = 0;
  for (const { study, steps, receivedAt } of report) {
    missed += [...warmUp, ...moments].filter(([of]) => of === study).length - new Set(steps).size;
    repeated += steps.length - new Set(steps).size;
    steps.forEach((step, index) => {
      const moment = written.get(`${study} ${step}`);
      if (moment === undefined) return; // of the warm-up
      // It may arrive before the writer itself hears that it is stored.
      fromStored.push(Math.max(0, (receivedAt[index] as number) - moment.stored));
      fromAsked.push((receivedAt[index] as number) - moment.asked);
    });
  }
  return {
    database,
    fromStored: summary(fromStored),
    /** From the moment at which the writer began its transaction. */
    fromAsked: summary(fromAsked),
    received: fromStored.length,
    missed,
    repeated,
    writtenPerSecond: Math.round((10 * moments.length) / seconds) / 10,
    cpuSeconds: {
      server: round((after[0] ?? 0) - (before[0] ?? 0)),
      client: round((after[1] ?? 0) - (before[1] ?? 0)),
    },
    loadAverage: { before: loadBefore, after: loadavg() },
  };
}

function child(words: readonly string[], environment: NodeJS.ProcessEnv): Child {
  const process_ = spawn(process.execPath, [LOAD, ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const lines = createInterface({ input: process_.stdout, crlfDelay: Infinity });
  const next = linesOf(lines);
  return {
    async say(command) {
      if (command !== undefined) process_.stdin.write(`${JSON.stringify(command)}\n`);
      return JSON.parse(await next()) as unknown;
    },
    cpuSeconds: () => cpuSecondsOf(process_.pid),
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => process_.once('exit', resolve));
      process_.stdin.end();
      await gone;
    },
  };
}

function linesOf(lines: Interface): () => Promise<string> {
  const iterator = lines[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await iterator.next();
    if (done === true) throw new Error('the process ended: what it said stands above');
    return value;
  };
}

function message(from: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    from.once('message', resolve);
    from.once('exit', (code) => reject(new Error(`the load client ended with ${code}`)));
  });
}

/** User and system time of a process; NaN where the system does not tell. */
function cpuSecondsOf(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return NaN;
  }
}

function summary(latencies: readonly number[]) {
  return {
    p50: quantile(latencies, 0.5),
    p90: quantile(latencies, 0.9),
    p99: quantile(latencies, 0.99),
    p999: quantile(latencies, 0.999),
    most: quantile(latencies, 1),
  };
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
