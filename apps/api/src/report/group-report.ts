/**
 * Studies of a group side by side: one a value of a scientific hyperparameter, with the same configurations of the rest (Deep Learning
 * Tuning Playbook, "Designing the next round of experiments"; practices 34, 65, 67). The best of each value, whether the comparison
 * is fair, and what the value itself does to the same configuration.
 */
import {
  armOfStudy,
  compareSchedules,
  fairness,
  isolation,
  rankTrials,
  SCHEDULE_HYPERPARAMETERS,
  varianceSources,
  type Fairness,
  type Isolation,
  type ScheduleComparison,
  type VarianceSources,
} from '@kinetune/search';
import { listTrialResults, type Database, type Study } from '@kinetune/storage';
import { invariant, parseName, type HyperparameterValue, type Objective, type Space } from '@kinetune/study';
import { analysedConfigurations, type AnalysedConfiguration } from './analysed-configurations.ts';
import { seededTrials } from './report-input.ts';
import { varianceEvidence } from './variance-evidence.ts';

export interface GroupMember {
  readonly study: string;
  readonly value: HyperparameterValue;
  readonly state: string;
  readonly completed: number;
  readonly infeasible: number;
  readonly best: { readonly trial: number; readonly value: number } | null;
}

export interface GroupReport {
  readonly group: string;
  readonly goal: string;
  readonly hyperparameter: string;
  readonly objective: Objective;
  /** In the order in which they were made. */
  readonly members: readonly GroupMember[];
  readonly fairness: Fairness;
  /** The best of each value; a number counts the trials of all members, member by member. */
  readonly isolation: Isolation;
  /** Pairs of the same configuration and seed; null where the hyperparameter is no schedule. */
  readonly schedules: ScheduleComparison | null;
  readonly variance: VarianceSources;
}

/** @param studies the members, at least two. */
export async function gatherGroupReport(db: Database, studies: readonly Study[]): Promise<GroupReport> {
  const [first] = studies;
  invariant(first?.studyGroup !== undefined && first.studyGroup !== null, 'members of a group say which one');
  const { name: group, hyperparameter } = first.studyGroup;
  const { objective, goal } = first;
  const members = await Promise.all(
    studies.map(async (study) => ({
      study,
      configurations: analysedConfigurations(await listTrialResults(db, study.id), study.space),
    })),
  );
  const variance = varianceSources({
    direction: objective.direction,
    ...varianceEvidence(members.flatMap(({ configurations }) => rankTrials(configurations, objective.direction))),
  });
  const pooled = poolMembers(members, hyperparameter);
  return {
    group,
    goal,
    hyperparameter,
    objective,
    members: members.map(({ study, configurations }) => memberOf(study, configurations)),
    fairness: fairness(
      members.map(({ study, configurations }) =>
        armOfStudy(study.space, configurations, {
          label: `${hyperparameter} = ${String(study.studyGroup?.value)}`,
          inapplicable: [],
          steps: stepsOf(configurations),
        }),
      ),
    ),
    isolation: isolation(pooled.space, pooled.trials, {
      name: hyperparameter,
      direction: objective.direction,
      retrainSd: variance.numbers.retrain?.standardDeviation ?? null,
    }),
    schedules: SCHEDULE_HYPERPARAMETERS.some((leaf) => leaf === parseName(hyperparameter).leaf)
      ? compareSchedules(
          members.flatMap(({ configurations }) => seededTrials(configurations)),
          { direction: objective.direction },
        )
      : null,
    variance,
  };
}

interface Member {
  readonly study: Study;
  readonly configurations: readonly AnalysedConfiguration[];
}

function memberOf(study: Study, configurations: readonly AnalysedConfiguration[]): GroupMember {
  const [best] = rankTrials(configurations, study.objective.direction);
  const counted = (state: string): number => configurations.filter((one) => one.state === state).length;
  return {
    study: study.name,
    value: study.studyGroup?.value ?? '',
    state: study.state,
    completed: counted('COMPLETED'),
    infeasible: counted('INFEASIBLE'),
    best: best === undefined ? null : { trial: best.number, value: best.bestValue },
  };
}

/** The members as one study in which the choice varies. Numbers go on from member to member, so that each is one trial's. */
function poolMembers(members: readonly Member[], hyperparameter: string) {
  const { space } = (members[0] as Member).study;
  const choices = members.map(({ study }) => study.studyGroup?.value ?? '');
  const pooled: Space = {
    ...space,
    hyperparameters: space.hyperparameters.map((one) =>
      one.name === hyperparameter ? { ...one, domain: { type: 'categorical', choices } } : one,
    ),
  };
  let offset = 0;
  const trials = members.flatMap(({ configurations }) => {
    const start = offset;
    offset += 1 + Math.max(-1, ...configurations.map(({ number }) => number));
    return configurations.map((one) => ({ ...one, number: start + one.number }));
  });
  return { space: pooled, trials };
}

/** The length of every training; null where they differ. */
function stepsOf(configurations: readonly AnalysedConfiguration[]): number | null {
  const lengths = new Set(configurations.flatMap(({ totalSteps }) => totalSteps ?? []));
  return lengths.size === 1 ? ([...lengths][0] as number) : null;
}
