/** What an Optuna journal's operations come to, by the rules of `JournalStorageReplayResult` in Optuna 5. */
import type { JournalOperation } from './journal-operation.ts';
import { areCompatible, externalValue, type OptunaDistribution } from './optuna-distribution.ts';
import type {
  Attributes,
  IntermediateValue,
  OptunaDirection,
  OptunaParameter,
  OptunaState,
  OptunaStudy,
  OptunaTrial,
} from './optuna-source.ts';

interface StudySoFar {
  readonly name: string;
  readonly directions: readonly OptunaDirection[];
  userAttributes: Attributes;
  systemAttributes: Attributes;
  readonly trials: TrialSoFar[];
  /** The first distribution of each parameter: others of the study are like it. */
  readonly distributions: Map<string, OptunaDistribution>;
}

interface TrialSoFar {
  readonly studyId: number;
  readonly number: number;
  state: OptunaState;
  values: readonly number[] | null;
  readonly parameters: Map<string, OptunaParameter>;
  userAttributes: Attributes;
  systemAttributes: Attributes;
  startedAt: Date | null;
  completedAt: Date | null;
}

export interface Reported extends IntermediateValue {
  /** The study's id, which is never used twice. */
  readonly study: number;
}

const FINISHED: readonly OptunaState[] = ['COMPLETE', 'PRUNED', 'FAIL'];

export class JournalReplay {
  readonly #studies = new Map<number, StudySoFar>();
  readonly #trials: TrialSoFar[] = [];
  #nextStudy = 0;

  /** Values are given and not kept: they may be many. An operation on what does not exist, or has ended, changes nothing. */
  apply(operation: JournalOperation): readonly Reported[] {
    if ('trial_id' in operation) return this.#changeTrial(operation);
    switch (operation.op_code) {
      case 0:
        this.#createStudy(operation);
        return [];
      case 1:
        this.#studies.delete(operation.study_id);
        return [];
      case 2:
      case 3: {
        const study = this.#studies.get(operation.study_id);
        if (study === undefined) return [];
        if (operation.op_code === 2) study.userAttributes = { ...study.userAttributes, ...operation.user_attr };
        else study.systemAttributes = { ...study.systemAttributes, ...operation.system_attr };
        return [];
      }
      case 4:
        return this.#createTrial(operation);
      case 10:
        return [];
    }
  }

  #changeTrial(operation: Extract<JournalOperation, { trial_id: number }>): readonly Reported[] {
    const trial = this.#trials[operation.trial_id];
    if (trial === undefined || FINISHED.includes(trial.state)) return [];
    switch (operation.op_code) {
      case 5:
        this.#setParameter(trial, operation.param_name, operation);
        break;
      case 6:
        setState(trial, operation);
        break;
      case 7:
        return [reported(trial, operation.step, operation.intermediate_value)];
      case 8:
        trial.userAttributes = { ...trial.userAttributes, ...operation.user_attr };
        break;
      case 9:
        trial.systemAttributes = { ...trial.systemAttributes, ...operation.system_attr };
    }
    return [];
  }

  studies(): ReadonlyMap<string, OptunaStudy> {
    return new Map(
      [...this.#studies.values()].map(({ trials, distributions: _, ...study }) => [
        study.name,
        { ...study, trialCount: trials.length },
      ]),
    );
  }

  idOf(name: string): number | undefined {
    return [...this.#studies].find(([, study]) => study.name === name)?.[0];
  }

  trials(name: string): readonly OptunaTrial[] {
    return this.#studies.get(this.idOf(name) ?? -1)?.trials ?? [];
  }

  #createStudy({ study_name: name, directions }: Extract<JournalOperation, { op_code: 0 }>): void {
    if (this.idOf(name) !== undefined) return;
    this.#studies.set(this.#nextStudy++, {
      name,
      directions,
      userAttributes: {},
      systemAttributes: {},
      trials: [],
      distributions: new Map(),
    });
  }

  #createTrial(operation: Extract<JournalOperation, { op_code: 4 }>): readonly Reported[] {
    const study = this.#studies.get(operation.study_id);
    if (study === undefined) return [];
    const { value } = operation;
    const trial: TrialSoFar = {
      studyId: operation.study_id,
      number: study.trials.length,
      state: operation.state ?? 'RUNNING',
      values: operation.values ?? (value === undefined || value === null ? null : [value]),
      parameters: new Map(),
      userAttributes: operation.user_attrs,
      systemAttributes: operation.system_attrs,
      startedAt: operation.datetime_start,
      completedAt: operation.datetime_complete ?? null,
    };
    study.trials.push(trial);
    this.#trials.push(trial);
    for (const [name, internal] of Object.entries(operation.params)) {
      const distribution = operation.distributions[name];
      if (distribution !== undefined) this.#setParameter(trial, name, { param_value_internal: internal, distribution });
    }
    return Object.entries(operation.intermediate_values).map(([step, one]) => reported(trial, Number(step), one));
  }

  #setParameter(
    trial: TrialSoFar,
    name: string,
    {
      param_value_internal: internal,
      distribution,
    }: { param_value_internal: number; distribution: OptunaDistribution },
  ): void {
    const first = this.#studies.get(trial.studyId)?.distributions;
    const earlier = first?.get(name);
    if (earlier !== undefined && !areCompatible(earlier, distribution)) return;
    const value = externalValue(distribution, internal);
    if (value === undefined) return;
    if (earlier === undefined) first?.set(name, distribution);
    trial.parameters.set(name, { distribution, value });
  }
}

function setState(trial: TrialSoFar, operation: Extract<JournalOperation, { op_code: 6 }>): void {
  const { state, values } = operation;
  // Another worker has it already.
  if (state === 'RUNNING' && trial.state === 'RUNNING') return;
  if (state === 'RUNNING') trial.startedAt = operation.datetime_start ?? null;
  if (FINISHED.includes(state)) trial.completedAt = operation.datetime_complete ?? null;
  trial.state = state;
  if (values !== undefined && values !== null) trial.values = values;
}

function reported({ studyId, number }: TrialSoFar, step: number, value: number | null): Reported {
  return { study: studyId, number, step, value: value !== null && Number.isFinite(value) ? value : null };
}
