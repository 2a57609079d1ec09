/**
 * What a model's outputs on the validation windows are worth. The loss is plain mean cross-entropy in nats, whatever the
 * training loss smooths or weighs, so that trials with other label smoothing or class weights can be compared by it.
 */
import { accuracy, type EvaluationResult, macroF1 } from '@kinetune/study';
import type { LabelledWindows } from './trial-data.ts';

export interface ValidationScore {
  readonly loss: number;
  readonly accuracy: number;
  readonly macroF1: number;
  readonly evaluation: EvaluationResult;
}

/** From logits [W, K], row-major. Of equal largest logits the first counts as predicted. */
export function scoreValidation(
  logits: Float32Array,
  { labels, subjects }: Pick<LabelledWindows, 'labels' | 'subjects'>,
  { classCount, subjectNames }: { readonly classCount: number; readonly subjectNames: readonly string[] },
): ValidationScore {
  const confusionMatrix = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  const perSubject = subjectNames.map((subject) => ({ subject, correct: 0, count: 0 }));
  let lossSum = 0;
  labels.forEach((label, row) => {
    const rowLogits = logits.subarray(row * classCount, (row + 1) * classCount);
    const largest = rowLogits.reduce((most, logit) => Math.max(most, logit), -Infinity); // NaN stays NaN
    const exponentials = rowLogits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
    lossSum += largest + Math.log(exponentials) - (rowLogits[label] as number);
    const predicted = Math.max(0, rowLogits.indexOf(largest));
    const counts = confusionMatrix[label] as number[];
    counts[predicted] = (counts[predicted] as number) + 1;
    const person = perSubject[subjects[row] as number] as (typeof perSubject)[number];
    person.count++;
    if (predicted === label) person.correct++;
  });
  return {
    loss: lossSum / labels.length,
    accuracy: accuracy(confusionMatrix),
    macroF1: macroF1(confusionMatrix),
    evaluation: { confusionMatrix, perSubject: perSubject.filter(({ count }) => count > 0) },
  };
}
