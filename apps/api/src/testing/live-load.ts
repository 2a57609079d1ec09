/**
 * A server and the writers of its measurements, as processes for benchmarks/live.
 *   node live-load.ts serve HOME                  serves; prints { url, studies: [{ id, cursor, writer }] } once there are studies
 *   node live-load.ts write HOME < studies        writes to studies that another process serves (PostgreSQL)
 * Both take commands, a JSON line each, from stdin: { studies, rate, seconds } writes `rate` measurements a second in all, each in a
 * transaction of its own, and prints the moments of each, ms: [study, step, asked, stored]. DATABASE_URL: PostgreSQL, else PGlite.
 */
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import {
  openPostgres,
  openStorage,
  recordMeasurements,
  studySequences,
  type Database,
  type TrialWriter,
} from '@kinetune/storage';
import { runningStudy } from '@kinetune/storage/testing';
import { startServer } from '../server/start-server.ts';

interface LoadedStudy {
  readonly id: string;
  readonly cursor: number;
  readonly writer: TrialWriter;
}

interface WriteCommand {
  readonly studies: readonly LoadedStudy[];
  /** Measurements a second, in all. */
  readonly rate: number;
  readonly seconds: number;
  readonly firstStep: number;
}

const [role, home, count] = process.argv.slice(2) as ['serve' | 'write', string, string | undefined];
const url = process.env['DATABASE_URL'];
await using storage = url === undefined ? await openStorage(home) : await openPostgres(home, url);
const { db } = storage;
await using server = role === 'serve' ? await serve(db) : undefined;
const say = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
say(server === undefined ? {} : { url: server.url, studies: await loadedStudies(db, Number(count)) });
for await (const line of createInterface({ input: process.stdin }))
  say(await write(db, JSON.parse(line) as WriteCommand));

function serve(of: Database) {
  return startServer({
    db: of,
    home,
    host: '127.0.0.1',
    port: 0,
    rules: { hosts: [], origins: [] },
    onError: ({ error }) => console.error(error),
  });
}

async function loadedStudies(of: Database, studies: number): Promise<readonly LoadedStudy[]> {
  const loaded: LoadedStudy[] = [];
  for (let index = 0; index < studies; index++) {
    const { study, propose, claim } = await runningStudy(of, { name: `load-${index}` });
    await propose(0);
    const { writer } = await claim();
    loaded.push({ id: study.id, cursor: (await studySequences(of, [study.id])).get(study.id) as number, writer });
  }
  return loaded;
}

/** Each study measures at even intervals, the studies one after the other. A writer that falls behind does not catch up. */
async function write(of: Database, { studies, rate, seconds, firstStep }: WriteCommand) {
  const intervalMs = (1000 * studies.length) / rate;
  const began = Date.now() + 100;
  const moments: [study: number, step: number, asked: number, stored: number][] = [];
  await Promise.all(
    studies.map(async ({ writer }, index) => {
      let step = firstStep;
      for (
        let due = began + (index * 1000) / rate;
        due < began + 1000 * seconds;
        due = Math.max(due + intervalMs, Date.now())
      ) {
        await setTimeout(Math.max(0, due - Date.now()));
        const asked = Date.now();
        const values = { trainLoss: 1 / (step + 1), validationAccuracy: 1 - 1 / (step + 2) };
        await recordMeasurements(of, writer, [{ step, epoch: step, values }]);
        moments.push([index, step, asked, Date.now()]);
        step++;
      }
    }),
  );
  return moments;
}
