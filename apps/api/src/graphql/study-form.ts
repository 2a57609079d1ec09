/** A study as a form gives it: the structure of a study file, whose rules check it. */
import { builder } from './builder.ts';
import { DirectionEnum, DomainTypeEnum, KindEnum, PhaseEnum, RoleEnum, ScaleEnum } from './enums.ts';

const ObjectiveForm = builder.inputType('ObjectiveForm', {
  fields: (t) => ({
    metric: t.string({ required: true }),
    direction: t.field({ type: DirectionEnum, required: true }),
  }),
});

const WindowForm = builder.inputType('WindowForm', {
  fields: (t) => ({
    length: t.int({ description: 'Samples in a window.' }),
    step: t.int({ description: 'Samples from one window to the next.' }),
  }),
});

const DataForm = builder.inputType('DataForm', {
  fields: (t) => ({
    dataset: t.string({ required: true, description: '`watch`, `hapt`, `csv`, `synthetic` ...' }),
    path: t.string({ description: 'Below the home or a folder that the operator allows.' }),
    window: t.field({ type: WindowForm }),
    split: t.field({ type: 'JSON', description: 'As in a study file: `{ "kind": "group-k-fold", "folds": 5 }`.' }),
    csv: t.field({ type: 'JSON', description: 'How to read a CSV, as in a study file.' }),
    synthetic: t.field({ type: 'JSON' }),
  }),
});

const HyperparameterForm = builder.inputType('HyperparameterForm', {
  description: 'What is searched: a range, or choices.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Namespaced where conditional: `optimizer=adam/learningRate`.' }),
    type: t.field({ type: DomainTypeEnum, required: true }),
    minimum: t.float(),
    maximum: t.float(),
    scale: t.field({ type: ScaleEnum }),
    step: t.float(),
    choices: t.field({ type: ['JSON'], description: 'Texts, numbers or truth values.' }),
    kind: t.field({ type: KindEnum, description: 'Known for hyperparameters of the catalogue.' }),
    role: t.field({ type: RoleEnum }),
  }),
});

const FixedForm = builder.inputType('FixedHyperparameterForm', {
  description: 'What is held, and why.',
  fields: (t) => ({
    name: t.string({ required: true }),
    value: t.field({ type: 'JSON', required: true }),
    reason: t.string({ required: true }),
    kind: t.field({ type: KindEnum }),
  }),
});

const MetricForm = builder.inputType('MetricForm', {
  fields: (t) => ({
    name: t.string({ required: true }),
    direction: t.field({ type: DirectionEnum, required: true }),
    split: t.string({ description: '`train`, `validation` or `system`.' }),
  }),
});

const TrainerForm = builder.inputType('TrainerForm', {
  description: 'A program that speaks the trainer protocol; absent: the built-in trainer.',
  fields: (t) => ({
    command: t.stringList({ required: true }),
    metrics: t.field({ type: [MetricForm], required: true }),
  }),
});

const BudgetForm = builder.inputType('BudgetForm', {
  fields: (t) => ({ trials: t.int({ required: true, description: 'Configurations to propose.' }) }),
});

export const StudyFormInput = builder.inputType('StudyForm', {
  description: 'A study file as fields; what is left out takes the default of a study file.',
  fields: (t) => ({
    name: t.string({ required: true }),
    goal: t.string({ required: true, description: 'The one question that the study answers.' }),
    phase: t.field({ type: PhaseEnum }),
    trainer: t.field({ type: TrainerForm }),
    data: t.field({ type: DataForm }),
    model: t.string(),
    objective: t.field({ type: ObjectiveForm }),
    space: t.field({ type: [HyperparameterForm], required: true }),
    fixed: t.field({ type: [FixedForm] }),
    constraints: t.stringList(),
    sampler: t.field({ type: 'JSON', description: 'A name, or an object with options, as in a study file.' }),
    pruner: t.field({ type: 'JSON', description: 'A name, or an object with options, as in a study file.' }),
    budget: t.field({ type: BudgetForm, required: true }),
    replicates: t.int(),
    folds: t.field({ type: 'JSON', description: 'A list of folds, or `all`.' }),
    exploit: t.field({ type: 'JSON', description: 'The second phase, as in a study file.' }),
    from: t.string({ description: 'An earlier study whose results the sampler starts with.' }),
    studyGroup: t.string({ description: 'A scientific choice of the space: one study for each of its values.' }),
    thresholds: t.field({ type: 'JSON' }),
    parallelism: t.int(),
    keepBest: t.int(),
    earlyStopping: t.field({ type: 'JSON' }),
    seed: t.field({ type: 'SafeInt' }),
  }),
});
