/** Commands on studies answer the same whether they open the home's database, or ask the API that has it open. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runKinetune, startKinetune, type KinetuneProcess, type KinetuneResult } from './testing/kinetune-process.ts';
import { prepareHomes, type PreparedHomes } from './testing/prepared-home.ts';
import { writeSmallStudy } from './testing/small-study.ts';

/** What is read, and what is refused. */
const READING: readonly (readonly string[])[] = [
  ['study', 'list', '--json'],
  ['study', 'show', 'desk', '--json'],
  ['report'],
  ['study', 'refine', 'desk', '--override', 'it is only a test', '--trials', '9'],
  ['export', 'desk'],
  ['export', 'desk', '--json'],
  ['study', 'conclude', 'desk', 'rates near 0.01 are best'],
  ['study', 'show', 'dask'],
  ['study', 'widen', 'desk', '--hyperparameter', 'dropout=0..0.1'],
  ['study', 'replicate', 'desk', '--trial', '99'],
];

describe('commands on studies', { timeout: 300_000 }, () => {
  let homes: PreparedHomes;
  let home: string;
  let server: KinetuneProcess | undefined;
  const alone = new Map<string, KinetuneResult>();
  const run = (args: readonly string[]) => runKinetune(args, { home, trainer: { epochs: 3 } });
  const parsed = async (args: readonly string[]): Promise<Record<string, unknown>> => {
    const { code, stdout, stderr } = await run([...args, '--json']);
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  beforeAll(async () => {
    homes = await prepareHomes();
    home = homes.create();
    const study = writeSmallStudy(join(homes.folder, 'desk'), { name: 'desk', trials: 6 });
    await parsed(['train', study]);
    for (const args of READING) alone.set(args.join(' '), await run(args));
    server = startKinetune(['serve', '--port', '0', '--no-agent'], { home, trainer: undefined });
    await server.until(/Ctrl-C stops it/);
  }, 300_000);
  afterAll(async () => {
    server?.kill('SIGTERM');
    await server?.result;
    homes[Symbol.dispose]();
  });

  it.each(READING.map((args) => [args.join(' '), args] as const))('%s', async (name, args) => {
    const { code, stdout, stderr } = await run(args);
    const expected = alone.get(name) as KinetuneResult;
    expect({ code, stdout, stderr }).toEqual({ code: expected.code, stdout: expected.stdout, stderr: expected.stderr });
    expect(stdout + stderr).not.toBe('');
  });

  it('write files where they are asked to', async () => {
    const [trials, curves] = [join(homes.folder, 'trials.csv'), join(homes.folder, 'curves.csv')];
    expect((await run(['export', 'desk', '--output', trials, '--curves', curves])).code).toBe(0);
    expect(readFileSync(trials, 'utf8')).toBe(alone.get('export desk')?.stdout);
    expect(readFileSync(curves, 'utf8').trim().split('\n')).toHaveLength(1 + 6 * 3);
    const [report, yaml] = [join(homes.folder, 'report.md'), join(homes.folder, 'exploit.yaml')];
    expect((await run(['report', '--output', report])).code).toBe(0);
    expect(readFileSync(report, 'utf8').trimEnd()).toBe(alone.get('report')?.stdout.trimEnd());
    expect((await run(['study', 'refine', 'desk', '--override', 'a test', '--output', yaml])).code).toBe(0);
    expect(existsSync(yaml)).toBe(true);
    expect((await run(['study', 'check', yaml])).code).toBe(0);
  });

  it('change a study', async () => {
    const widened = await parsed(['study', 'widen', 'desk', '--hyperparameter', 'learningRate=0.0001..0.1']);
    expect(widened).toMatchObject({
      firstConfiguration: 6,
      isBudgetSpent: true,
      space: {
        version: 2,
        hyperparameters: [
          { name: 'learningRate', domain: { type: 'float', minimum: 0.0001, maximum: 0.1, scale: 'log' } },
          {},
        ],
      },
    });
    const replicated = await parsed(['study', 'replicate', 'desk', '--trial', '3', '--seeds', '2']);
    expect(replicated).toMatchObject({ study: 'desk', trial: 3, queued: 2, folds: [0] });
    expect(replicated['seeds']).toHaveLength(2);
    expect(await parsed(['study', 'extend', 'desk', '--trials', '7'])).toEqual({
      study: 'desk',
      trials: 7,
      trialsBefore: 6,
      state: 'RUNNING',
    });
    expect(await parsed(['study', 'pause', 'desk'])).toEqual({ study: 'desk', state: 'PAUSED', archivedAt: null });
    const archived = await parsed(['study', 'archive', 'desk']);
    expect(archived).toMatchObject({ state: 'PAUSED', archivedAt: expect.any(String) });
    expect((await run(['study', 'list'])).stderr).toContain('1 archived study more');
    await parsed(['study', 'unarchive', 'desk']);
    expect(await parsed(['study', 'resume', 'desk'])).toMatchObject({ state: 'RUNNING' });
    const override = ['study', 'override', 'desk', '--question', 'infeasible-share', '--reason', 'a test'];
    expect(await parsed(override)).toMatchObject({ reason: 'a test', by: 'local', isLocked: true });
    expect(await parsed(['study', 'cancel', 'desk', '--reason', 'enough'])).toMatchObject({ state: 'CANCELLED' });
  });
});
