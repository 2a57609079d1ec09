import type { Windows } from '../windows/windows.ts';
import { PARTS, type Part, type SplitNote } from './split.ts';

/** What a reader of scores on this split should know: classes that a part lacks, people in no part, lopsided parts. */
export function notesOfSplit(
  windows: Pick<Windows, 'labels' | 'subjects'>,
  people: Readonly<Record<Part, readonly string[]>>,
  classCounts: Readonly<Record<Part, readonly number[]>>,
): readonly SplitNote[] {
  const notes: SplitNote[] = [];
  for (const part of PARTS) {
    const missing = windows.labels.filter((_, k) => classCounts[part][k] === 0);
    if (missing.length > 0) {
      const consequence = part === 'train' ? 'a model cannot learn it' : 'scores on this part say nothing about it';
      notes.push({ code: 'class-missing', message: `${part} has no window of ${missing.join(', ')}: ${consequence}` });
    }
  }
  const dealt = new Set(PARTS.flatMap((part) => people[part]));
  const leftOut = windows.subjects.filter((name) => !dealt.has(name));
  if (leftOut.length > 0) {
    notes.push({ code: 'people-left-out', message: `in no part: ${leftOut.join(', ')}` });
  }
  const total = (part: Part) => classCounts[part].reduce((sum, count) => sum + count, 0);
  for (const part of ['validation', 'test'] as const) {
    if (total(part) > total('train')) {
      notes.push({
        code: 'uneven-parts',
        message: `${part} has ${total(part)} windows and train only ${total('train')}`,
      });
    }
  }
  return notes;
}
