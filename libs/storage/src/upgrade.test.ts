import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { expect, it } from 'vitest';
import { MIGRATIONS_FOLDER } from './migrate-storage.ts';
import { openStorage } from './open-storage.ts';
import { samplerHistory } from './sampler-history.ts';
import { findStudyByName } from './studies.ts';
import { sampleStudy } from './testing/sample-study.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { listTrials } from './trials.ts';

/** The migrations up to the one of this tag. */
function migrationsUpTo(folder: string, tag: string): string {
  const migrations = join(folder, 'migrations');
  cpSync(MIGRATIONS_FOLDER, migrations, { recursive: true });
  const file = join(migrations, 'meta', '_journal.json');
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: { tag: string }[] };
  const last = journal.entries.findIndex((entry) => entry.tag === tag);
  expect(last).toBeGreaterThanOrEqual(0);
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, last + 1) }));
  return migrations;
}

it('a database from before samplers had settings is upgraded with its studies and trials', async () => {
  using folder = temporaryFolder();
  const home = join(folder.path, 'home');
  mkdirSync(home);
  const old = sampleStudy({ name: 'old', phase: 'exploit' });
  {
    const client = await PGlite.create(join(home, 'database'));
    await migrate(drizzle(client), { migrationsFolder: migrationsUpTo(folder.path, '0001_early-stopping') });
    await client.query(
      `insert into studies (name, goal, phase, data, model, trainer, space, metrics, objective, sampler, pruner, budget, keep_best, seed)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'halton', null, $10, 1, 7)`,
      [
        ...[old.name, old.goal, old.phase],
        ...[old.data, old.model, old.trainer, old.space, old.metrics, old.objective, old.budget].map((value) =>
          typeof value === 'string' ? value : JSON.stringify(value),
        ),
      ],
    );
    await client.query(
      `insert into configurations (study_id, number, "values", space_version, sampler_note, objective)
       select id, 0, '{"learningRate": 0.01}', 1, '{"sampler": "halton", "engineVersion": 1, "reason": "old"}', 0.75 from studies`,
    );
    await client.query(
      `insert into trials (study_id, configuration_id, replicate, seed, fold, state, best_value, finished_at)
       select study_id, id, 0, 3, 0, 'COMPLETED', 0.75, now() from configurations`,
    );
    await client.close();
  }
  await using storage = await openStorage(home);
  const study = await findStudyByName(storage.db, 'old');
  expect(study).toMatchObject({
    ...old,
    seed: 7,
    sampler: { kind: 'halton' },
    pruner: { kind: 'none' },
    replicates: 1,
    folds: null,
    exploit: null,
    from: null,
    thresholds: {},
    overrides: [],
    conclusion: null,
    spaceVersions: [{ space: old.space, phase: 'exploit', firstConfiguration: 0 }],
  });
  const id = study?.id as string;
  expect(await listTrials(storage.db, id)).toMatchObject([{ number: 0, state: 'COMPLETED', seed: 3, diagnosis: null }]);
  expect((await samplerHistory(storage.db, id)).history.observed).toEqual([
    { values: { learningRate: 0.01 }, objective: 0.75, replicates: 1 },
  ]);
});
