/** All checks of a report, wherever they stand in it. */
import type { Check, RoundReport } from '@kinetune/search';

/** A check and where it stands: `boundaries.learningRate`, `training.overfitting`. */
export interface ReportCheck extends Check<string, unknown> {
  readonly name: string;
}

/** Those of the boundaries, then the others in the order of the report. */
export function reportChecks(report: RoundReport): readonly ReportCheck[] {
  // The checklist's parts are these checks once more.
  const { checklist: _, ...rest } = report;
  return [...boundaryChecks(report), ...checksIn(rest, '')];
}

/** What the checklist makes of each boundary, beside the boundary's own numbers. */
function boundaryChecks({ boundaries, checklist }: RoundReport): readonly ReportCheck[] {
  const parts = new Map(checklist.answers.flatMap(({ parts: own }) => own.map((part) => [part.check, part])));
  return boundaries.flatMap(({ name, verdict: _, reason: __, next: ___, ...numbers }) => {
    const part = parts.get(`boundaries of ${name}`);
    return part === undefined ? [] : [{ ...part, name: `boundaries.${name}`, numbers }];
  });
}

function checksIn(value: unknown, name: string): readonly ReportCheck[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isCheck(value)) return [{ ...value, name }];
  const entries = Array.isArray(value)
    ? value.map((one: unknown, index) => [nameOf(one) ?? String(index), one] as const)
    : Object.entries(value);
  return entries.flatMap(([key, one]) => checksIn(one, name === '' ? key : `${name}.${key}`));
}

function isCheck(value: object): value is Check<string, unknown> {
  return ['verdict', 'status', 'reason', 'numbers', 'trials', 'next'].every((key) => key in value);
}

/** Checks of lists are named for the hyperparameter or the metric that they are about. */
function nameOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { name, numbers } = value as { readonly name?: unknown; readonly numbers?: { readonly metric?: unknown } };
  if (typeof name === 'string') return name;
  return typeof numbers?.metric === 'string' ? numbers.metric : undefined;
}
