import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSampler } from '@kinetune/search';
import { parseStudyFile, resolveValues } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { workspaceRoot } from '../command-line/paths.ts';
import { checkStudy } from './check-study.ts';
import { resolveStudies, type ResolvedStudy } from './resolve-study.ts';

const folder = join(workspaceRoot, 'studies');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

function studiesOf(file: string): readonly ResolvedStudy[] {
  const text = readFileSync(join(folder, file), 'utf8');
  return resolveStudies(parseStudyFile(text, file), { file, text });
}

/** What an exploring study proposes first, as its trainer is given it. */
function configurations({ space, seed, sampler: settings, budget, objective }: ResolvedStudy) {
  const sampler = createSampler(settings, { phase: 'explore', trialCount: budget.trials, parallelism: 2 });
  const history = { observed: [], infeasible: [], pending: [] };
  return Array.from({ length: budget.trials }, (_, index) => {
    const suggestion = sampler({ space, seed, index, direction: objective.direction, history });
    return resolveValues(space, suggestion?.values ?? {});
  });
}

describe.each(files)('studies/%s', (file) => {
  it('resolves, is named for its file, and every configuration that it may draw can be built', () => {
    const studies = studiesOf(file);
    for (const study of studies) {
      expect(study.studyGroup?.name ?? study.name).toBe(file.replace('.yaml', ''));
      const { draws } = checkStudy(study);
      expect(draws).toMatchObject({ unbuildable: 0, undecided: [] });
      expect(draws.accepted / draws.draws).toBeGreaterThan(0.2);
    }
  });
});

describe('a group that ships', () => {
  it.each(['original-vit1d-decay.yaml', 'original-conv-transformer-decay.yaml'])(
    '%s has the same configurations with a constant rate and with its decay',
    (file) => {
      const [constant, cosine, ...more] = studiesOf(file).map(configurations);
      expect(more).toEqual([]);
      expect(constant?.every(({ schedule }) => schedule === 'constant')).toBe(true);
      expect(cosine).toEqual(constant?.map((values) => ({ ...values, schedule: 'cosine' })));
      expect(new Set(constant?.map(({ learningRate }) => learningRate)).size).toBe(12);
    },
  );
});

it('the quick start proposes the trials that it always did', () => {
  const trials = configurations(studiesOf('quick-start.yaml')[0] as ResolvedStudy);
  const of = (index: number) => {
    const { learningRate, weightDecay, dropout, rotationDegrees } = trials[index] as Record<string, number>;
    return { learningRate, weightDecay, dropout, rotationDegrees };
  };
  // As proposed by the engine of version 1 before there were other samplers.
  expect(of(0)).toEqual({
    learningRate: 0.0009540332055845578,
    weightDecay: 0.00046431785003025257,
    dropout: 0.23724415065157262,
    rotationDegrees: 29.834408637678834,
  });
  expect(of(1)).toEqual({
    learningRate: 0.006033835786157746,
    weightDecay: 0.046431785003025236,
    dropout: 0.5972441506515725,
    rotationDegrees: 23.405837209107403,
  });
  expect(of(11)).toEqual({
    learningRate: 0.019108968026105715,
    weightDecay: 0.005996895636670037,
    dropout: 0.5492441506515726,
    rotationDegrees: 40.854816800944135,
  });
});
