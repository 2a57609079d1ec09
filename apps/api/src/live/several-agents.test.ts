import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { eventsAfter, openPostgres, recordMeasurements, type Storage } from '@kinetune/storage';
import { findPostgres, runningStudy, startPostgres, type PostgresServer } from '@kinetune/storage/testing';
import { createRng } from '@kinetune/study';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startServer } from '../server/start-server.ts';
import { createStudyFeed } from './study-feed.ts';

const AGENT = join(import.meta.dirname, '../testing/measuring-agent.ts');
const home = mkdtempSync(join(tmpdir(), 'kinetune-agents-'));
afterAll(() => rmSync(home, { recursive: true }));

describe.skipIf(findPostgres() === undefined)(
  'following several agents on PostgreSQL (apt-get install postgresql)',
  () => {
    let postgres: PostgresServer;
    beforeAll(async () => {
      postgres = await startPostgres();
    }, 120_000);
    afterAll(() => postgres[Symbol.asyncDispose]());

    interface Followed extends Record<string, unknown> {
      readonly epochs: {
        readonly cursor: number;
        readonly epochs: readonly { readonly number: number; readonly step: number }[];
      };
    }

    it('misses nothing and repeats nothing, over sockets that are lost at any moment', async () => {
      const url = postgres.newDatabase();
      await using storage = await openPostgres(home, url);
      const { db } = storage;
      await using server = await startServer({
        db,
        home,
        host: '127.0.0.1',
        port: 0,
        rules: { hosts: [], origins: [] },
        onError: ({ error }) => expect.unreachable(String(error)),
      });
      const { study, propose, claim } = await runningStudy(db);
      const writers = [];
      for (const number of [0, 1, 2]) {
        await propose(number);
        writers.push((await claim()).writer);
      }
      const agents = writers.map(({ trialId, fencingToken }, index) =>
        promisify(execFile)(process.execPath, [AGENT, home, trialId, String(fencingToken), String(80 + 20 * index)], {
          env: { ...process.env, DATABASE_URL: url },
          timeout: 100_000,
        }),
      );
      let areDone = false;
      const done = Promise.all(agents).finally(() => (areDone = true));
      const rng = createRng(7);
      const received: string[] = [];
      let cursor = 0;
      let connections = 0;
      const isAllThere = async (): Promise<boolean> =>
        areDone && (await measurementEvents(storage, study.id)).length === received.length;
      while (!(await isAllThere())) {
        connections++;
        const sockets: WebSocket[] = [];
        const client = createClient({
          url: `${server.url.replace('http', 'ws')}/graphql`,
          webSocketImpl: class extends WebSocket {
            constructor(...words: ConstructorParameters<typeof WebSocket>) {
              super(...words);
              sockets.push(this);
            }
          },
          retryAttempts: 0,
        });
        const events = client.iterate<Followed>({
          query:
            'subscription ($id: ID!, $after: SafeInt) { epochs(studyId: $id, after: $after) { cursor epochs { number step } } }',
          variables: { id: Buffer.from(`Study:${study.id}`).toString('base64'), after: cursor },
        });
        // The socket breaks after a time that has nothing to do with what comes over it.
        const broken = setTimeout(20 + (400 + 20 * connections) * rng.next()).then(() =>
          sockets.forEach((socket) => socket.terminate()),
        );
        try {
          for await (const { data } of events) {
            const batch = (data as Followed).epochs;
            received.push(...batch.epochs.map(({ number, step }) => `${number}:${step}`));
            cursor = batch.cursor;
          }
        } catch {
          // The next connection goes on after the last cursor.
        }
        await broken;
        await client.dispose();
        // A connection for hints breaks too, and is opened again.
        if (connections === 3)
          await db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kinetune live' and datname = current_database()",
          );
      }
      await done;
      expect(received).toEqual(await measurementEvents(storage, study.id));
      expect(received).toHaveLength(300);
      expect(connections).toBeGreaterThan(5);
    }, 120_000);

    /** What the log says was measured, in its order. */
    async function measurementEvents({ db }: Storage, studyId: string): Promise<readonly string[]> {
      const events = await eventsAfter(db, studyId, { sequence: 0, limit: 10_000 });
      const numbers = new Map<string, number>();
      return events.flatMap(({ type, trialId, step }) => {
        if (trialId !== null && !numbers.has(trialId)) numbers.set(trialId, numbers.size);
        return type === 'measurement' ? [`${numbers.get(trialId as string)}:${step}`] : [];
      });
    }

    it('hears of another process by hints alone, also after the connection for them broke', async () => {
      const url = postgres.newDatabase();
      await using own = await openPostgres(home, url);
      await using other = await openPostgres(home, url);
      const { study, propose, claim } = await runningStudy(other.db);
      await propose(0);
      const { writer } = await claim();
      const measure = (step: number) =>
        recordMeasurements(other.db, writer, [{ step, epoch: step, values: { trainLoss: 1 } }]);
      // Without hints it would look once, and then not within the time of this test.
      using feed = createStudyFeed(own.db, { pollMs: { hearing: 3_600_000, deaf: 3_600_000 } });
      const follower = feed.follow(study.id, 4);
      const steps: (number | null)[] = [];
      const reading = (async () => {
        for await (const batch of follower) {
          steps.push(...batch.map(({ step }) => step));
          if (steps.length >= 2) break;
        }
      })();
      await setTimeout(300);
      await measure(1);
      while (steps.length < 1) await setTimeout(10);
      await own.db.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kinetune live' and datname = current_database()",
      );
      await measure(2);
      await reading;
      expect(steps).toEqual([1, 2]);
    });
  },
);
