import { InputError } from '@kinetune/study';
import type { Windows } from '../windows/windows.ts';
import { PARTS, type Part, type Split } from './split.ts';

/**
 * Window indices of each part, ascending.
 * @throws InputError where the split was made for other windows.
 */
export function partIndices(
  windows: Pick<Windows, 'subjects' | 'subject' | 'datasetName'>,
  split: Pick<Split, Part | 'windows'>,
): Readonly<Record<Part, Int32Array>> {
  if (split.windows !== null) {
    const lists = split.windows;
    const total = PARTS.reduce((sum, part) => sum + lists[part].length, 0);
    if (total !== windows.subject.length) {
      throw new InputError(
        'split-other-windows',
        `the split deals ${total} windows; ${windows.datasetName} has ${windows.subject.length}. Make the split again`,
      );
    }
    return byPart((part) => Int32Array.from(lists[part]));
  }
  const partOfSubject = new Map<string, Part>();
  for (const part of PARTS) {
    for (const name of split[part]) {
      if (!windows.subjects.includes(name)) {
        throw new InputError(
          'split-unknown-person',
          `the split names '${name}' in ${part}; ${windows.datasetName} has windows of ${windows.subjects.join(', ')}`,
        );
      }
      partOfSubject.set(name, part);
    }
  }
  const partOfIndex = windows.subjects.map((name) => partOfSubject.get(name));
  const lists: Record<Part, number[]> = { train: [], validation: [], test: [] };
  windows.subject.forEach((subject, w) => {
    const part = partOfIndex[subject];
    if (part !== undefined) lists[part].push(w);
  });
  return byPart((part) => Int32Array.from(lists[part]));
}

function byPart<T>(of: (part: Part) => T): Readonly<Record<Part, T>> {
  return { train: of('train'), validation: of('validation'), test: of('test') };
}
