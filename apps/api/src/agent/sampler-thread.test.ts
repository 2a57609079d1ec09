import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { haltonSampler, type History } from '@kinetune/search';
import { EnvironmentError, InputError } from '@kinetune/study';
import type { SamplerSetup } from './sampler-messages.ts';
import { startSampler } from './sampler-thread.ts';

const setup: SamplerSetup = {
  settings: { kind: 'halton' },
  context: { phase: 'explore', trialCount: 8, parallelism: 1 },
  space: {
    version: 1,
    hyperparameters: [
      {
        name: 'learningRate',
        kind: 'optimizer',
        role: 'nuisance',
        domain: { type: 'float', minimum: 1e-4, maximum: 1e-1, scale: 'log' },
      },
      {
        name: 'blockCount',
        kind: 'architecture',
        role: 'nuisance',
        domain: { type: 'int', minimum: 1, maximum: 4, scale: 'linear' },
      },
    ],
    fixed: [],
  },
  seed: 5,
  direction: 'maximise',
  model: 'cnn1d',
  shape: { windowLength: 128, channelCount: 6, classCount: 7 },
};
const nothing: History = { observed: [], infeasible: [], pending: [] };
const programOf = (name: string): URL => pathToFileURL(join(import.meta.dirname, '../testing', name));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinetune-sampler-'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('a sampler on a thread', () => {
  it('suggests what it suggests in the process', async () => {
    await using sampler = startSampler(setup);
    const here = [0, 1, 2].map((index) => haltonSampler({ ...setup, index, history: nothing }));
    const there = await Promise.all([0, 1, 2].map((index) => sampler.suggest(index, nothing)));
    expect(there).toEqual(here);
  });

  it('honours constraints, and refuses those that nothing satisfies as input', async () => {
    const constrained = (text: string) => ({ ...setup, space: { ...setup.space, constraints: [text] } });
    await using sampler = startSampler(constrained('blockCount == 3 && learningRate < 0.001'));
    const first = await sampler.suggest(0, nothing);
    expect(first?.values.blockCount).toBe(3);
    expect(first?.values.learningRate).toBeLessThan(0.001);
    await using hopeless = startSampler(constrained('blockCount > 4'));
    const error = await hopeless.suggest(0, nothing).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ code: 'constraints-not-satisfied' });
    // One request that fails is no reason for the next to.
    await expect(hopeless.suggest(1, nothing)).rejects.toBeInstanceOf(InputError);
  });

  it('that dies is started again and asked the same once more', async () => {
    const deaths = join(folder, 'one-death');
    writeFileSync(deaths, '1');
    vi.stubEnv('SAMPLER_DEATHS', deaths);
    await using sampler = startSampler(setup, { program: programOf('dying-sampler.ts') });
    expect(await sampler.suggest(3, nothing)).toEqual(haltonSampler({ ...setup, index: 3, history: nothing }));
    expect(readFileSync(deaths, 'utf8')).toBe('0');
  });

  it('that dies twice of one request is an error that says what to do', async () => {
    const deaths = join(folder, 'many-deaths');
    writeFileSync(deaths, '2');
    vi.stubEnv('SAMPLER_DEATHS', deaths);
    await using sampler = startSampler(setup, { program: programOf('dying-sampler.ts') });
    const error = await sampler.suggest(3, nothing).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EnvironmentError);
    expect(String(error)).toMatch(/sampler \(halton\) was started 2 times for configuration 3.*code 9.*is kept/);
    expect((await sampler.suggest(3, nothing))?.engine).toBe('halton');
  });

  it('ends in the middle of a suggestion, which is then refused', async () => {
    vi.stubEnv('SAMPLER_UNTIL', join(folder, 'never'));
    const sampler = startSampler(setup, { program: programOf('blocking-sampler.ts') });
    const suggestion = sampler.suggest(1, nothing).catch((thrown: unknown) => thrown);
    await sampler[Symbol.asyncDispose]();
    expect(await suggestion).toMatchObject({ code: 'sampler-ended' });
  });
});
