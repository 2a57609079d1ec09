import type { ReactNode } from 'react';
import type { Choice } from './read-choice.ts';

const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
/** Weights are float32; Adam keeps two more numbers for each, and training one gradient. */
const BYTES_PER_WEIGHT = 4;
const COPIES_IN_TRAINING = 4;

/** The answer in a sentence, or why the model cannot be built. */
export function ModelAnswer({ family, values, shape, problems }: Choice): ReactNode {
  const reasons = problems.length > 0 ? problems : family.validate(values, shape);
  if (reasons.length > 0) {
    return (
      <section role="alert" className="answer">
        <p>This {family.title} cannot be built.</p>
        <ul>
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </section>
    );
  }
  const weights = family.weightCount(values, shape);
  const operations = family.floatingPointOperationsPerWindow(values, shape);
  return (
    <section aria-live="polite" className="answer">
      <p>
        <strong>{whole.format(weights)}</strong> weights, {short.format(operations)} floating-point operations a window.
      </p>
      <p className="quiet">
        Training with Adam keeps {short.format((weights * BYTES_PER_WEIGHT * COPIES_IN_TRAINING) / 1e6)} MB for weights,
        gradients and averages; a training step costs about three forward passes for each window.
      </p>
    </section>
  );
}
