import type { NewStudy, Study } from '@kinetune/storage';
import { parseStudyFile } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { chooseStudy } from './choose-study.ts';
import { resolveStudy } from './resolve-study.ts';
import { studyChanges } from './study-changes.ts';

const text = `name: one
goal: why
data: { dataset: synthetic }
model: cnn1d
space: { learningRate: { type: float, minimum: 0.0001, maximum: 0.01, scale: log } }
budget: { trials: 3 }
`;
const wanted: NewStudy = {
  ...resolveStudy(parseStudyFile(text, 'one.yaml'), { file: 'one.yaml', text }),
  splitHash: 'split',
  folds: null,
};
const stored = (changes: Partial<Study> = {}): Study => ({
  ...wanted,
  id: 'id',
  state: 'RUNNING',
  spaceVersions: [{ space: wanted.space, phase: 'explore', firstConfiguration: 0 }],
  overrides: [],
  conclusion: null,
  archivedAt: null,
  priority: 0,
  eventSequence: 1,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  ...changes,
});
const fresh = { isFresh: false };

describe('chooseStudy', () => {
  it('creates a first study under its own name', () => {
    expect(chooseStudy([stored({ name: 'other' })], wanted, fresh)).toEqual({ type: 'create', study: wanted });
  });

  it('continues the same study, also with another budget, parallelism, goal or reason', () => {
    const study = stored({ budget: { trials: 99 }, parallelism: 7, goal: 'another wording' });
    expect(chooseStudy([study], wanted, fresh)).toEqual({ type: 'continue', study });
  });

  it('continues the member of the family that is the same, not the latest', () => {
    const first = stored();
    const second = stored({ name: 'one.2', seed: 5 });
    expect(chooseStudy([first, second], wanted, fresh)).toEqual({ type: 'continue', study: first });
  });

  it('starts another under the next number when anything else changed, and names it', () => {
    const choice = chooseStudy([stored({ seed: 5 }), stored({ name: 'one.7', seed: 6 })], wanted, fresh);
    expect(choice).toMatchObject({
      type: 'create',
      study: { name: 'one.8' },
      other: { name: 'one.7', changes: ['seed: 6 -> 0'] },
    });
  });

  it('starts another for --fresh, and after a cancelled one', () => {
    expect(chooseStudy([stored()], wanted, { isFresh: true })).toMatchObject({ study: { name: 'one.2' } });
    expect(chooseStudy([stored({ state: 'CANCELLED' })], wanted, fresh)).toMatchObject({
      study: { name: 'one.2' },
      other: { changes: ['it was cancelled'] },
    });
  });

  it('takes only a number after the dot for a member of the family', () => {
    expect(chooseStudy([stored({ name: 'one.1' }), stored({ name: 'one.x' })], wanted, fresh).type).toBe('create');
  });
});

describe('chooseStudy for a space that became wider', () => {
  const spaceOf = (domain: string) =>
    resolveStudy(parseStudyFile(text.replace('minimum: 0.0001, maximum: 0.01, scale: log', domain), 'one.yaml'), {
      file: 'one.yaml',
      text,
    }).space;
  const wider = spaceOf('minimum: 0.00001, maximum: 0.1, scale: log');

  it('continues the study with a next version of its space', () => {
    const study = stored();
    expect(chooseStudy([study], { ...wanted, space: wider }, fresh)).toEqual({
      type: 'continue',
      study,
      widened: { space: wider, changes: ['learningRate: 0.0001 to 0.01, log -> 0.00001 to 0.1, log'] },
    });
  });

  it('starts another where an end moved inwards, the scale changed or something else did too', () => {
    for (const other of ['minimum: 0.001, maximum: 0.1, scale: log', 'minimum: 0.00001, maximum: 0.1, scale: linear'])
      expect(chooseStudy([stored()], { ...wanted, space: spaceOf(other) }, fresh).type).toBe('create');
    expect(chooseStudy([stored()], { ...wanted, space: wider, seed: 3 }, fresh).type).toBe('create');
  });

  it('continues it also by the file that it began with, with nothing narrowed', () => {
    const study = stored({
      space: wider,
      spaceVersions: [
        { space: wanted.space, phase: 'explore', firstConfiguration: 0 },
        { space: wider, phase: 'explore', firstConfiguration: 3 },
      ],
    });
    expect(chooseStudy([study], wanted, fresh)).toEqual({ type: 'continue', study });
    expect(chooseStudy([study], { ...wanted, space: wider }, fresh)).toEqual({ type: 'continue', study });
  });

  it('starts another once a second phase searches a refined space', () => {
    const study = stored({
      phase: 'exploit',
      spaceVersions: [
        { space: wanted.space, phase: 'explore', firstConfiguration: 0 },
        { space: wanted.space, phase: 'exploit', firstConfiguration: 3 },
      ],
    });
    expect(chooseStudy([study], wanted, fresh).type).toBe('continue');
    expect(chooseStudy([study], { ...wanted, space: wider }, fresh)).toMatchObject({
      type: 'create',
      other: { changes: ['space.learningRate: 0.0001 to 0.01, log (nuisance) -> 0.00001 to 0.1, log (nuisance)'] },
    });
  });
});

describe('studyChanges', () => {
  it('does not mind the order of keys, which the database does not keep', () => {
    const reordered = JSON.parse(JSON.stringify(wanted)) as NewStudy;
    const data = Object.fromEntries(Object.entries(reordered.data ?? {}).reverse()) as NewStudy['data'];
    expect(studyChanges({ ...reordered, data }, wanted)).toEqual([]);
  });

  it('takes the automatic sampler of an exploring study for the sequence that it is', () => {
    const halton = stored({ sampler: { kind: 'halton' } });
    expect(studyChanges(halton, wanted)).toEqual([]);
    expect(studyChanges(halton, { ...wanted, phase: 'exploit' })).toEqual([
      'sampler: {"kind":"halton"} -> {"kind":"auto"}',
    ]);
    expect(studyChanges(halton, { ...wanted, sampler: { kind: 'sobol' } })).toHaveLength(1);
  });

  it('says when the recordings behind the same words are others', () => {
    expect(studyChanges(stored({ splitHash: 'other' }), wanted)).toEqual([
      'data: the recordings or the people of each part are others than before',
    ]);
  });

  it('names a hyperparameter that came, went or moved once', () => {
    const less = { ...wanted, space: { ...wanted.space, hyperparameters: [] } };
    expect(studyChanges(wanted, less)).toEqual(['space.learningRate: 0.0001 to 0.01, log (nuisance) -> none']);
  });
});
