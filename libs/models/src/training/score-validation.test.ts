import { expect, it } from 'vitest';
import { scoreValidation } from './score-validation.ts';

const who = { classCount: 3, subjectNames: ['ann', 'bob', 'cem'] };

it('measures loss, confusion and people from logits', () => {
  const logits = Float32Array.of(2, 0, 0, 0, 1, 3, 1000, 0, 0, 0, 0, 5);
  const score = scoreValidation(
    logits,
    { labels: Int32Array.of(0, 1, 0, 2), subjects: Int32Array.of(0, 0, 2, 2) },
    who,
  );
  // torch.nn.functional.cross_entropy of the same logits and labels: 0.6056942
  expect(score.loss).toBeCloseTo(0.6056942, 6);
  expect(score.accuracy).toBe(0.75);
  expect(score.macroF1).toBeCloseTo((1 + 0 + 2 / 3) / 3, 12);
  expect(score.evaluation).toEqual({
    confusionMatrix: [
      [2, 0, 0],
      [0, 0, 1],
      [0, 0, 1],
    ],
    perSubject: [
      { subject: 'ann', correct: 1, count: 2 },
      { subject: 'cem', correct: 2, count: 2 },
    ],
  });
});

it('has a loss that is not finite when an output is not', () => {
  const part = { labels: Int32Array.of(0), subjects: Int32Array.of(0) };
  expect(scoreValidation(Float32Array.of(NaN, 0, 0), part, who).loss).toBeNaN();
  expect(Number.isFinite(scoreValidation(Float32Array.of(Infinity, 0, 0), part, who).loss)).toBe(false);
});
