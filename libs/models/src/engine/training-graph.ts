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
import { emitEvaluation } from './emit-evaluation.ts';
import { emitTrainingStep } from './emit-training-step.ts';
import type { Training } from './engine-options.ts';
import { scheduleColumns } from './epoch-tables.ts';

/** Columns of `epoch/log`. */
export const logColumns = ['lossSum', 'weightSum', 'correctCount', 'gradientNorm'] as const;

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
  /** Nodes to fetch with a feed for each of their variables: x and y; weights, slots and average; the epoch's tables. */
  readonly assignData: Edge;
  readonly assignState: Edge;
  readonly assignEpoch: Edge;
}

/** `sizes` are the batch shapes to train on: the batch size and, where a last batch is partial, its rows. */
export function buildTrainingGraph(training: Training, sizes: readonly number[]): TrainingGraph {
  const graph = new GraphBuilder();
  const variables = addVariables(graph, training);
  const index = graph.placeholder('epoch/index', variables.order.dtype, []);
  const steps = new Map(sizes.map((rows) => [rows, emitTrainingStep({ graph, variables, index, training }, rows)]));
  const evaluation = { graph, variables, training };
  const state = [variables.weights, ...variables.slots.values(), variables.average].flatMap((group) => [
    ...group.values(),
  ]);
  const zero = graph.int(0);
  const assign = (name: string, group: readonly GraphVariable[]): Edge =>
    addCompletion(graph, { name: `assign/${name}`, value: zero, after: group.map((variable) => variable.assigned) });
  return {
    graph,
    variables,
    index,
    steps,
    evaluate: emitEvaluation(evaluation, 'evaluate', variables.weights),
    evaluateAverage:
      variables.average.size > 0 ? emitEvaluation(evaluation, 'evaluateAverage', variables.average) : undefined,
    assignData: assign('data', [variables.x, variables.y]),
    assignState: assign('state', state),
    assignEpoch: assign('epoch', [variables.order, variables.schedule, variables.seeds, variables.log]),
  };
}

function addVariables(graph: GraphBuilder, training: Training): GraphVariables {
  const { definition, optimizer, data, averageDecay } = training;
  const perWeight = (prefix: string): ReadonlyMap<string, GraphVariable> =>
    new Map(
      definition.model.weights.map(({ name, shape }) => [
        name,
        addVariable(graph, `${prefix}/${name}`, { dtype: 'float32', shape }),
      ]),
    );
  const float = (name: string, shape: readonly number[]): GraphVariable =>
    addVariable(graph, name, { dtype: 'float32', shape });
  const int = (name: string, shape: readonly number[]): GraphVariable =>
    addVariable(graph, name, { dtype: 'int32', shape });
  const hasClasses = data.y instanceof Int32Array;
  return {
    x: float('data/x', [data.rowCount, ...data.rowShape]),
    y: (hasClasses ? int : float)('data/y', [data.rowCount, ...data.targetShape]),
    weights: perWeight('weights'),
    slots: new Map(optimizer.slots.map((slot) => [slot, perWeight(`slots/${slot}`)])),
    average: averageDecay === undefined ? new Map() : perWeight('average'),
    order: int('epoch/order', [-1]),
    schedule: float('epoch/schedule', [-1, scheduleColumns(training).length]),
    seeds: int('epoch/seeds', [-1]),
    log: float('epoch/log', [-1, logColumns.length]),
  };
}
