/** A study as a form gives it: the structure of a study file, whose rules check it. */
import { builder } from './builder.ts';
import { DirectionEnum, DomainTypeEnum, KindEnum, PhaseEnum, RoleEnum, ScaleEnum } from './enums.ts';

const ObjectiveForm = builder.inputType('ObjectiveForm', {
  description: 'What a study is after.',
  fields: (t) => ({
    metric: t.string({ description: 'A validation metric.', required: true }),
    direction: t.field({ type: DirectionEnum, description: 'What is better.', required: true }),
  }),
});

export const WindowForm = builder.inputType('WindowForm', {
  description: 'How recordings are cut into windows.',
  fields: (t) => ({
    length: t.int({ description: 'Samples in a window.' }),
    step: t.int({ description: 'Samples from one window to the next.' }),
  }),
});

const DataForm = builder.inputType('DataForm', {
  description: 'What is trained on.',
  fields: (t) => ({
    dataset: t.string({ required: true, description: '`watch`, `hapt`, `csv`, `synthetic` ...' }),
    path: t.string({ description: 'Below the home or a folder that the operator allows.' }),
    window: t.field({ type: WindowForm, description: 'How recordings are cut.' }),
    split: t.field({ type: 'JSON', description: 'As in a study file: `{ "kind": "group-k-fold", "folds": 5 }`.' }),
    csv: t.field({ type: 'JSON', description: 'How to read a CSV, as in a study file.' }),
    synthetic: t.field({ type: 'JSON', description: 'How to generate recordings, as in a study file.' }),
  }),
});

const HyperparameterForm = builder.inputType('HyperparameterForm', {
  description: 'What is searched: a range, or choices.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Namespaced where conditional: `optimizer=adam/learningRate`.' }),
    type: t.field({ type: DomainTypeEnum, description: 'Whether it is a range or a list of choices.', required: true }),
    minimum: t.float({ description: 'Lower end of a range.' }),
    maximum: t.float({ description: 'Upper end of a range.' }),
    scale: t.field({ type: ScaleEnum, description: 'Linear unless stated.' }),
    step: t.float({ description: 'Values are minimum + k step.' }),
    choices: t.field({ type: ['JSON'], description: 'Texts, numbers or truth values.' }),
    kind: t.field({ type: KindEnum, description: 'Known for hyperparameters of the catalogue.' }),
    role: t.field({ type: RoleEnum, description: 'By its kind unless stated.' }),
  }),
});

const FixedForm = builder.inputType('FixedHyperparameterForm', {
  description: 'What is held, and why.',
  fields: (t) => ({
    name: t.string({ description: 'Namespaced where conditional.', required: true }),
    value: t.field({ type: 'JSON', description: 'A text, a number or a truth value.', required: true }),
    reason: t.string({ description: 'Conclusions carry it as a caveat.', required: true }),
    kind: t.field({ type: KindEnum, description: 'Known for hyperparameters of the catalogue.' }),
  }),
});

const MetricForm = builder.inputType('MetricForm', {
  description: 'A metric of measurements.',
  fields: (t) => ({
    name: t.string({ description: 'As measurements name it.', required: true }),
    direction: t.field({ type: DirectionEnum, description: 'What is better.', required: true }),
    split: t.string({ description: '`train`, `validation` or `system`.' }),
  }),
});

const TrainerForm = builder.inputType('TrainerForm', {
  description: 'A program that speaks the trainer protocol, or whoever asks; absent: the built-in trainer.',
  fields: (t) => ({
    command: t.stringList({ description: 'Program and arguments; no shell reads them.' }),
    ask: t.boolean({
      description: 'True in place of a command: agents train nothing of it, configurations are asked for.',
    }),
    metrics: t.field({ type: [MetricForm], description: 'What its measurements may carry.', required: true }),
  }),
});

const BudgetForm = builder.inputType('BudgetForm', {
  description: 'How much a study may spend.',
  fields: (t) => ({ trials: t.int({ required: true, description: 'Configurations to propose.' }) }),
});

export const StudyFormInput = builder.inputType('StudyForm', {
  description: 'A study file as fields; what is left out takes the default of a study file.',
  fields: (t) => ({
    name: t.string({ description: 'Lower case letters, digits, dots and dashes; unique.', required: true }),
    goal: t.string({ required: true, description: 'The one question that the study answers.' }),
    phase: t.field({ type: PhaseEnum, description: 'What it searches for.' }),
    trainer: t.field({ type: TrainerForm, description: 'Who trains.' }),
    data: t.field({ type: DataForm, description: 'What is trained on; a command may bring its own.' }),
    model: t.string({ description: 'Model family.' }),
    objective: t.field({ type: ObjectiveForm, description: 'What it is after.' }),
    space: t.field({ type: [HyperparameterForm], description: 'What is searched.', required: true }),
    fixed: t.field({ type: [FixedForm], description: 'What is held, and why.' }),
    constraints: t.stringList({ description: 'What every configuration satisfies: `weightCount <= 300000`.' }),
    sampler: t.field({ type: 'JSON', description: 'A name, or an object with options, as in a study file.' }),
    pruner: t.field({ type: 'JSON', description: 'A name, or an object with options, as in a study file.' }),
    budget: t.field({ type: BudgetForm, description: 'How much it may spend.', required: true }),
    replicates: t.int({ description: 'Trials of each configuration that differ in their seed alone.' }),
    folds: t.field({ type: 'JSON', description: 'A list of folds, or `all`.' }),
    exploit: t.field({ type: 'JSON', description: 'The second phase, as in a study file.' }),
    from: t.string({ description: 'An earlier study whose results the sampler starts with.' }),
    studyGroup: t.string({ description: 'A scientific choice of the space: one study for each of its values.' }),
    thresholds: t.field({ type: 'JSON', description: 'Of the analysis, by check, as in a study file.' }),
    priority: t.int({
      description: 'Share of the slots beside other studies, from -10 to 10: each step up doubles it.',
    }),
    parallelism: t.int({ description: 'Trials at once; as many as there are slots unless stated.' }),
    keepBest: t.int({ description: 'Best checkpoints kept for each trial.' }),
    earlyStopping: t.field({ type: 'JSON', description: 'When a trial may end by itself, as in a study file.' }),
    limits: t.field({ type: 'JSON', description: 'Of the time of a trial, and of silence, as in a study file.' }),
    seed: t.field({ type: 'SafeInt', description: 'Of all chance in it.' }),
  }),
});
