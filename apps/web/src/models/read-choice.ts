/** What the address says: a model family, its hyperparameters and the shape of a window. */
import {
  cnn1d,
  modelFamilies,
  type HyperparameterDefinition,
  type ModelFamily,
  type ModelShape,
} from '@kinetune/models/catalogue';
import type { HyperparameterValue } from '@kinetune/study';

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface Choice {
  readonly family: ModelFamily;
  readonly values: Readonly<Record<string, HyperparameterValue>>;
  readonly shape: ModelShape;
  /** Fields that could not be read, each with what was expected and what came. */
  readonly problems: readonly string[];
}

/** Windows of the watch data, as in the quick start. */
const DEFAULT_SHAPE: ModelShape = { windowLength: 128, channelCount: 6, classCount: 7 };
const LARGEST_SIDE = 100_000;

export const SHAPE_FIELDS = [
  { name: 'windowLength', title: 'Window length', unit: 'samples' },
  { name: 'channelCount', title: 'Channels', unit: undefined },
  { name: 'classCount', title: 'Classes', unit: undefined },
] as const satisfies readonly { name: keyof ModelShape; title: string; unit: string | undefined }[];

export function readChoice(query: Query): Choice {
  const problems: string[] = [];
  const family = modelFamilies.find(({ name }) => name === query['family']) ?? cnn1d;
  const shape: Record<keyof ModelShape, number> = { ...DEFAULT_SHAPE };
  for (const { name, title } of SHAPE_FIELDS) {
    const text = single(query[name]);
    if (text === undefined) continue;
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= LARGEST_SIDE) shape[name] = value;
    else problems.push(`${title}: expected a whole number from 1 to ${LARGEST_SIDE}, got "${text}"`);
  }
  const values: Record<string, HyperparameterValue> = {};
  for (const definition of family.hyperparameters) {
    const text = single(query[definition.name]);
    if (text === undefined || text === '') continue;
    const value = readValue(definition, text);
    if (value === undefined) problems.push(`${definition.name}: expected ${expectation(definition)}, got "${text}"`);
    else values[definition.name] = value;
  }
  return { family, values, shape, problems };
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

function readValue({ domain }: HyperparameterDefinition, text: string): HyperparameterValue | undefined {
  if (domain.type === 'text') return new RegExp(`^(?:${domain.pattern})$`).test(text) ? text : undefined;
  if (domain.type === 'categorical') return domain.choices.find((choice) => String(choice) === text);
  const value = Number(text);
  return value >= domain.minimum && value <= domain.maximum && (domain.type === 'float' || Number.isInteger(value))
    ? value
    : undefined;
}

/** The possible values in words. */
export function expectation({ domain }: HyperparameterDefinition): string {
  switch (domain.type) {
    case 'text':
      return `text such as ${domain.example}`;
    case 'categorical':
      return `one of ${domain.choices.map(String).join(', ')}`;
    case 'int':
      return `a whole number from ${domain.minimum} to ${domain.maximum}`;
    case 'float':
      return `a number from ${domain.minimum} to ${domain.maximum}`;
  }
}
