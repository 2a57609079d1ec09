import { InputError } from '@kinetune/study';
import { hashOfSplit } from './hash-of-split.ts';
import { PARTS, type Split } from './split.ts';

/**
 * A split read from its manifest.
 * @throws InputError where it is not a split, or its lists are not those its hash was made over.
 */
export function parseSplit(json: unknown, file: string): Split {
  const fail = (message: string): never => {
    throw new InputError('split-manifest', `${message}; make the split again`, { file });
  };
  if (typeof json !== 'object' || json === null) fail('expected a split manifest (a JSON object)');
  const split = json as Split;
  const isNames = (list: unknown): boolean => Array.isArray(list) && list.every((name) => typeof name === 'string');
  for (const part of PARTS) if (!isNames(split[part])) fail(`expected a list of people in '${part}'`);
  const lists: unknown = split.windows;
  if (lists !== null) {
    for (const part of PARTS) {
      const indices = (lists as Record<string, unknown> | undefined)?.[part];
      if (!Array.isArray(indices) || !indices.every((index) => Number.isInteger(index) && index >= 0)) {
        fail(`expected window indices in 'windows.${part}'`);
      }
    }
  }
  if (typeof split.isLeaking !== 'boolean') fail("expected true or false in 'isLeaking'");
  if (split.isLeaking !== (split.kind === 'random-windows'))
    fail(`a ${split.kind} split cannot say isLeaking ${split.isLeaking}`);
  const hash = hashOfSplit(split);
  if (split.hash !== hash) fail(`its hash is ${split.hash} and its lists have ${hash}: they were edited`);
  return split;
}
