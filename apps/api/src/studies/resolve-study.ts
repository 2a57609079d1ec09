/** From a study file to the studies it stands for: one, or one for each choice of a study group. */
import { modelFamilies } from '@kinetune/models/catalogue';
import type { NewStudy } from '@kinetune/storage';
import { BUILT_IN_METRICS, didYouMean, parseConstraint, type StudyFile, type TrainerSpec } from '@kinetune/study';
import { checkMetrics, checkThresholds } from './check-names.ts';
import { refuseIn, type Refuse, type StudySource } from './refusal.ts';
import { resolveOwnSpace } from './resolve-own-space.ts';
import { resolveSpace } from './resolve-space.ts';
import { resolveTrainer } from './resolve-trainer.ts';
import { groupMembers } from './study-group.ts';

/** A study but for what only its data can say: `all` folds, where each person is one, and the split's hash. */
export type ResolvedStudy = Omit<NewStudy, 'splitHash' | 'folds'> & { readonly folds: NewStudy['folds'] | 'all' };

/**
 * The studies of a file: several, in the order of the choices, where it has a study group; they have the same configurations but
 * for that choice.
 * @throws InputError naming the file, and the line where the name stands: unknown names (with the nearest known one),
 *   domains and values that cannot be, roles that the Playbook refuses, an objective that is not measured.
 */
export function resolveStudies(studyFile: StudyFile, source: StudySource): readonly ResolvedStudy[] {
  const refuse = refuseIn(source);
  const study = resolveOne(studyFile, source);
  const { studyGroup } = studyFile;
  if (studyGroup === undefined) return [study];
  refuseUnequal(study, studyGroup, refuse);
  return groupMembers(study, studyGroup);
}

/** The study of a file without a group; of a group the first. */
export function resolveStudy(studyFile: StudyFile, source: StudySource): ResolvedStudy {
  return resolveStudies(studyFile, source)[0] as ResolvedStudy;
}

/** What follows from who trains. */
type Trained = Pick<ResolvedStudy, 'model' | 'trainer' | 'space' | 'metrics'>;

function byBuiltIn({ model = '', ...studyFile }: StudyFile, refuse: Refuse): Trained {
  if (!modelFamilies.some(({ name }) => name === model)) {
    const names = modelFamilies.map(({ name }) => name);
    refuse('unknown-model', `model: expected one of ${names.join(', ')}, got ${model}.${didYouMean(model, names)}`, [
      'model',
    ]);
  }
  const space = resolveSpace({ ...studyFile, model }, refuse);
  return { model, trainer: { kind: 'built-in' }, space, metrics: BUILT_IN_METRICS };
}

/** Whoever asks measures the objective, and what else the file declares. */
function byAsking(trainer: 'ask' | Extract<TrainerSpec, { ask: true }>, studyFile: StudyFile, refuse: Refuse): Trained {
  const { objective, model = 'asked' } = studyFile;
  const space = resolveOwnSpace(studyFile, refuse);
  const alone = { name: objective.metric, direction: objective.direction, split: 'validation' } as const;
  return { model, trainer: { kind: 'ask' }, space, metrics: trainer === 'ask' ? [alone] : trainer.metrics };
}

function byCommand(
  { command, metrics }: Extract<TrainerSpec, { command: unknown }>,
  studyFile: StudyFile,
  { source: { file, mayNameCommand }, refuse }: { readonly source: StudySource; readonly refuse: Refuse },
): Trained {
  if (mayNameCommand !== true) {
    refuse(
      'command-not-allowed',
      `trainer: only a study file on the machine itself may name a command, got ${command.join(' ')}: save the study there and run it with kinetune train, or ask the operator for kinetune serve --allow-commands`,
      ['trainer'],
    );
  }
  const { model } = studyFile;
  return { ...resolveTrainer(command, { model, file }), space: resolveOwnSpace(studyFile, refuse), metrics };
}

function trainedBy(trainer: TrainerSpec, studyFile: StudyFile, source: StudySource): Trained {
  const refuse = refuseIn(source);
  if (trainer === 'built-in') return byBuiltIn(studyFile, refuse);
  if (trainer === 'ask' || 'ask' in trainer) return byAsking(trainer, studyFile, refuse);
  return byCommand(trainer, studyFile, { source, refuse });
}

function resolveOne(studyFile: StudyFile, source: StudySource): ResolvedStudy {
  const refuse = refuseIn(source);
  const { trainer = 'built-in' } = studyFile;
  const trained = trainedBy(trainer, studyFile, source);
  checkMetrics(studyFile, trained.metrics, refuse);
  checkThresholds(studyFile, refuse);
  const { exploit } = studyFile;
  return {
    name: studyFile.name,
    goal: studyFile.goal,
    phase: studyFile.phase,
    data: studyFile.data ?? null,
    ...trained,
    objective: studyFile.objective,
    sampler: studyFile.sampler,
    pruner: studyFile.pruner,
    budget: studyFile.budget,
    replicates: studyFile.replicates,
    folds: foldsOf(studyFile),
    exploit: exploit === undefined ? null : { ...exploit, override: exploit.override ?? null },
    from: studyFile.from ?? null,
    studyGroup: null,
    thresholds: studyFile.thresholds,
    parallelism: studyFile.parallelism ?? null,
    ...(studyFile.priority === undefined ? {} : { priority: studyFile.priority }),
    keepBest: studyFile.keepBest,
    earlyStopping: studyFile.earlyStopping ?? null,
    limits: studyFile.limits ?? null,
    seed: studyFile.seed,
    shuffleLabelsSeed: null,
  };
}

/** With one person out, how many folds there are is known from the data alone. */
function foldsOf({ folds, data }: StudyFile): ResolvedStudy['folds'] {
  if (folds === undefined || data === undefined) return null;
  const { split } = data;
  if (folds !== 'all') return [...folds].sort((a, b) => a - b);
  return split.kind === 'group-k-fold' ? Array.from({ length: split.folds }, (_, fold) => fold) : 'all';
}

/** Where a constraint would let through other configurations in one study of the group than in another. */
function refuseUnequal({ space, model }: ResolvedStudy, group: string, refuse: Refuse): void {
  const kind = space.hyperparameters.find(({ name }) => name === group)?.kind;
  const depending = (space.constraints ?? []).find((text) => {
    const { names } = parseConstraint(text);
    return names.includes(group) || (kind === 'architecture' && names.includes('weightCount'));
  });
  if (depending !== undefined)
    refuse(
      'group-constraint',
      `constraints: \`${depending}\` depends on ${group} of ${model}, so that the studies of the group would have other configurations: leave it out, or write one study file for each choice`,
      ['constraints'],
    );
}
