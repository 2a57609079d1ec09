/** Evaluation of a split: every row once, in the order of the split. */
import type { GraphSession } from './graph-session.ts';
import type { EvaluationNodes } from './training-graph.ts';

export interface EvaluationResult {
  readonly rowCount: number;
  /** Mean over rows, or the weighted mean where the loss weighs rows. The training loss without dropout or augmentation. */
  readonly loss: number;
  /** Undefined, like `confusion`, where targets are not classes. */
  readonly accuracy: number | undefined;
  /** Counts [K][K]: row = class, column = the class predicted. */
  readonly confusion: readonly (readonly number[])[] | undefined;
  /** The model's outputs, row after row, where asked for. */
  readonly outputs: Float32Array | undefined;
}

export interface EvaluationRun {
  readonly session: GraphSession;
  readonly nodes: EvaluationNodes;
  readonly evaluationSize: number;
  /** Where the split lies in the laid data. */
  readonly start: number;
  readonly rowCount: number;
  /** The classes of the laid data, where targets are classes. */
  readonly labels: Int32Array | undefined;
  readonly keepsOutputs: boolean;
}

/** Between two batches the event loop may turn. */
export async function* evaluationBatches({
  session,
  nodes,
  evaluationSize,
  start,
  rowCount,
}: EvaluationRun): AsyncGenerator<{
  readonly first: number;
  readonly outputs: Float32Array;
  readonly losses: Float32Array;
  readonly rowWeights: Float32Array | undefined;
}> {
  const width = nodes.outputShape.reduce((product, size) => product * size, 1);
  for (let first = 0; first < rowCount; first += evaluationSize) {
    const valid = Math.min(evaluationSize, rowCount - first);
    // The shape is fixed: a last, partial batch repeats its last row and drops the repeats here.
    const rows = Int32Array.from({ length: evaluationSize }, (_, i) => start + first + Math.min(i, valid - 1));
    const fetches = [nodes.outputs, nodes.losses, ...(nodes.rowWeights === undefined ? [] : [nodes.rowWeights])];
    const [outputs, losses, rowWeights] = session.run(
      [{ name: nodes.rows, shape: [evaluationSize], values: rows }],
      fetches,
    ) as [Float32Array, Float32Array, Float32Array | undefined];
    yield {
      first,
      outputs: outputs.subarray(0, valid * width),
      losses: losses.subarray(0, valid),
      rowWeights: rowWeights?.subarray(0, valid),
    };
  }
}

export async function evaluateRows(run: EvaluationRun, nextTurn: () => Promise<void>): Promise<EvaluationResult> {
  const { nodes, rowCount, labels, start, keepsOutputs } = run;
  const classCount =
    labels !== undefined && nodes.outputShape.length === 1 ? (nodes.outputShape[0] as number) : undefined;
  const confusion =
    classCount === undefined
      ? undefined
      : Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  const width = nodes.outputShape.reduce((product, size) => product * size, 1);
  const kept = keepsOutputs ? new Float32Array(rowCount * width) : undefined;
  let lossSum = 0;
  let weightSum = 0;
  let correctCount = 0;
  for await (const { first, outputs, losses, rowWeights } of evaluationBatches(run)) {
    losses.forEach((loss, i) => {
      lossSum += loss;
      weightSum += rowWeights === undefined ? 1 : (rowWeights[i] as number);
      if (confusion === undefined || classCount === undefined || labels === undefined) return;
      const label = labels[start + first + i] as number;
      const predicted = indexOfLargest(outputs.subarray(i * classCount, (i + 1) * classCount));
      const counts = confusion[label] as number[];
      counts[predicted] = (counts[predicted] as number) + 1;
      if (predicted === label) correctCount += 1;
    });
    kept?.set(outputs, first * width);
    await nextTurn();
  }
  return {
    rowCount,
    loss: lossSum / weightSum,
    accuracy: confusion === undefined ? undefined : correctCount / rowCount,
    confusion,
    outputs: kept,
  };
}

function indexOfLargest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}
