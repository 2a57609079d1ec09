/** Configurations that a person gives to a study: checked against its space and constraints, as new ones after those there are. */
import { checkConfigurations } from '@kinetune/search';
import { enqueueConfigurations, type Configuration, type Database, type Study } from '@kinetune/storage';
import { InputError, type FieldProblem, type HyperparameterValue, type Values } from '@kinetune/study';
import { trialsOf } from '../agent/propose-configuration.ts';
import { acceptance } from './acceptance.ts';
import { knownShape } from './known-shape.ts';
import { inSpaceOrder } from './space-order.ts';

export interface Given {
  /** A value for each active hyperparameter, by full name. */
  readonly configurations: readonly unknown[];
  /** Why, in a person's words; stays with each of them. */
  readonly reason: string;
  readonly by: string;
}

/** @throws InputError whose problems name each place in the list that is wrong; nothing is queued then. */
export async function enqueueGiven(
  db: Database,
  studyId: string,
  { configurations, reason, by }: Given,
): Promise<readonly Configuration[]> {
  const given = readValues(configurations);
  return enqueueConfigurations(db, studyId, (study, first) => {
    const { space, model, data } = study;
    checkEach(study, given, acceptance(space, model, data === null ? {} : knownShape(data)));
    return given.map((values, index) => ({
      number: first + index,
      values: inSpaceOrder(values, space),
      spaceVersion: space.version,
      samplerNote: { sampler: 'given', engineVersion: 1, reason: `given by ${by}: ${reason}`, by },
      trials: trialsOf(study, first + index),
    }));
  });
}

function readValues(configurations: readonly unknown[]): readonly Values[] {
  const problems: FieldProblem[] = [];
  const read = configurations.map((one, index): Values => {
    const isObject = typeof one === 'object' && one !== null && !Array.isArray(one);
    const entries = isObject ? Object.entries(one) : [];
    if (!isObject)
      problems.push({
        field: [String(index)],
        message: `expected an object such as { "learningRate": 0.001 }, got ${JSON.stringify(one)}`,
      });
    for (const [name, value] of entries)
      if (!isValue(value))
        problems.push({
          field: [String(index), name],
          message: `${name}: expected a text, a number or a truth value, got ${JSON.stringify(value)}`,
        });
    return Object.fromEntries(entries);
  });
  refuse('configuration-not-read', problems);
  return read;
}

function isValue(value: unknown): value is HyperparameterValue {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** Each by itself, so that all that is wrong is said at once; then together, for what is listed twice. */
function checkEach({ space }: Study, given: readonly Values[], accepts: (values: Values) => boolean): void {
  const problems = given.flatMap((values, index): FieldProblem[] => {
    try {
      checkConfigurations(space, [values], accepts);
      return [];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return [{ field: [String(index)], message: error.message.replace(/^configuration 1 of the list: /, '') }];
    }
  });
  refuse('configuration-not-in-space', problems);
  checkConfigurations(space, given, accepts);
}

function refuse(code: string, problems: readonly FieldProblem[]): void {
  if (problems.length === 0) return;
  const text = problems.map(({ field, message }) => `configuration ${Number(field[0]) + 1}: ${message}`).join('\n');
  throw new InputError(code, text, { problems });
}
