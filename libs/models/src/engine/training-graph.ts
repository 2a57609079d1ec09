/**
 * The graph of a training run. Variables hold the data, the weights, the optimizer's slots and one epoch's tables, so a
 * step is one run that is fed its index in the epoch (int32) and nothing else:
 *   rows    = epoch/order[index * batchSize ...]       -> inputs and targets gathered on the device
 *   scalars = epoch/schedule[index], epoch/seeds[index]
 *   epoch/log[index] = loss's numerator and denominator, rows classified right, gradient norm
 * Other nodes set and fetch variables and evaluate rows of the data.
 */
import { GraphBuilder, type Edge } from './graph-builder.ts';
import { addCompletion, addVariable, type GraphVariable } from './graph-variables.ts';
import type { LaidData } from './data-sets.ts';
import { emitEvaluation } from './emit-evaluation.ts';
import { emitTrainingStep } from './emit-training-step.ts';
import type { OptimizerRule } from './optimizers/optimizer.ts';
import type { StepDefinition } from './training-step.ts';

/** Columns of `epoch/log`. */
export const logColumns = ['lossSum', 'weightSum', 'correctCount', 'gradientNorm'] as const;

export interface TrainingGraphOptions {
  readonly definition: StepDefinition;
  readonly optimizer: OptimizerRule;
  readonly data: LaidData;
  readonly batchSize: number;
  /** Batch shapes to train on: the batch size and, where the last batch is partial, its rows. */
  readonly trainingSizes: readonly number[];
  readonly evaluationSize: number;
  readonly keepsAverage: boolean;
}

export interface GraphVariables {
  readonly x: GraphVariable;
  readonly y: GraphVariable;
  readonly weights: ReadonlyMap<string, GraphVariable>;
  /** By slot, then weight. */
  readonly slots: ReadonlyMap<string, ReadonlyMap<string, GraphVariable>>;
  /** Empty unless averaged weights are kept. */
  readonly average: ReadonlyMap<string, GraphVariable>;
  readonly order: GraphVariable;
  readonly schedule: GraphVariable;
  readonly seeds: GraphVariable;
  readonly log: GraphVariable;
}

export interface EvaluationNodes {
  /** int32 [E]: rows of the laid data. */
  readonly rows: Edge;
  readonly outputs: Edge;
  readonly losses: Edge;
  readonly rowWeights: Edge | undefined;
  /** Shape of one row of the outputs. */
  readonly outputShape: readonly number[];
}

export interface TrainingGraph {
  readonly graph: GraphBuilder;
  readonly variables: GraphVariables;
  /** Fed the step's index in the epoch. */
  readonly index: Edge;
  /** By rows of the batch: the node whose fetch runs the step. */
  readonly steps: ReadonlyMap<number, Edge>;
  readonly evaluate: EvaluationNodes;
  /** Over the averaged weights. */
  readonly evaluateAverage: EvaluationNodes | undefined;
  /** Names of the schedule's columns: the optimizer's scalars and, where averages are kept, their rate. */
  readonly scheduleColumns: readonly string[];
  /** Fetch this to assign all variables given to the run. */
  assignment(variables: readonly GraphVariable[]): Edge;
}

export function buildTrainingGraph(options: TrainingGraphOptions): TrainingGraph {
  const { definition, optimizer, data, keepsAverage } = options;
  const graph = new GraphBuilder();
  const scheduleColumns = [...optimizer.scalars, ...(keepsAverage ? ['averageRate'] : [])];
  const variables = addVariables(graph, options, scheduleColumns.length);
  const index = graph.placeholder('epoch/index', variables.order.dtype, []);

  const context = {
    graph,
    variables,
    index,
    definition,
    data,
    scheduleColumns,
    optimizer,
    batchSize: options.batchSize,
  };
  const steps = new Map(options.trainingSizes.map((rows) => [rows, emitTrainingStep(context, rows)]));
  const evaluation = { graph, variables, definition, data, evaluationSize: options.evaluationSize };
  const evaluate = emitEvaluation(evaluation, 'evaluate', variables.weights);
  const evaluateAverage = keepsAverage ? emitEvaluation(evaluation, 'evaluateAverage', variables.average) : undefined;

  const zero = graph.int(0);
  const groups = [
    [variables.x, variables.y],
    [
      ...variables.weights.values(),
      ...[...variables.slots.values()].flatMap((slot) => [...slot.values()]),
      ...variables.average.values(),
    ],
    [variables.order, variables.schedule, variables.seeds, variables.log],
  ];
  const assignments = groups.map((group, i) => ({
    group: new Set(group),
    node: addCompletion(
      graph,
      `assign/${i}`,
      zero,
      group.map((variable) => variable.assigned),
    ),
  }));

  return {
    graph,
    variables,
    index,
    steps,
    evaluate,
    evaluateAverage,
    scheduleColumns,
    assignment(wanted) {
      const found = assignments.find(
        ({ group }) => group.size === wanted.length && wanted.every((variable) => group.has(variable)),
      );
      if (found === undefined)
        throw new Error('Variables are assigned together with their group: data, state or epoch');
      return found.node;
    },
  };
}

function addVariables(
  graph: GraphBuilder,
  { definition, optimizer, data, keepsAverage }: TrainingGraphOptions,
  scheduleWidth: number,
): GraphVariables {
  const perWeight = (prefix: string): ReadonlyMap<string, GraphVariable> =>
    new Map(
      definition.model.weights.map(({ name, shape }) => [
        name,
        addVariable(graph, `${prefix}/${name}`, 'float32', shape),
      ]),
    );
  return {
    x: addVariable(graph, 'data/x', 'float32', [data.rowCount, ...data.rowShape]),
    y: addVariable(graph, 'data/y', data.y instanceof Int32Array ? 'int32' : 'float32', [
      data.rowCount,
      ...data.targetShape,
    ]),
    weights: perWeight('weights'),
    slots: new Map(optimizer.slots.map((slot) => [slot, perWeight(`slots/${slot}`)])),
    average: keepsAverage ? perWeight('average') : new Map(),
    order: addVariable(graph, 'epoch/order', 'int32', [-1]),
    schedule: addVariable(graph, 'epoch/schedule', 'float32', [-1, scheduleWidth]),
    seeds: addVariable(graph, 'epoch/seeds', 'int32', [-1]),
    log: addVariable(graph, 'epoch/log', 'float32', [-1, logColumns.length]),
  };
}
