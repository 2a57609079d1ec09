/** Continue a study of the name, extend it, or start another: finished trials are never run twice, nor mixed with others. */
import type { NewStudy, Study } from '@kinetune/storage';
import { studyChanges } from './study-changes.ts';

export type StudyChoice =
  | { readonly type: 'continue'; readonly study: Study }
  | {
      readonly type: 'create';
      readonly study: NewStudy;
      /** The latest study of this name and why it is not the one; absent for a first one. */
      readonly other?: { readonly name: string; readonly changes: readonly string[] };
    };

/**
 * Chooses among the studies known by `wanted.name`: that name itself and `name.2`, `name.3`, ... A cancelled study is not
 * continued. `isFresh` starts another in any case.
 */
export function chooseStudy(
  studies: readonly Study[],
  wanted: NewStudy,
  { isFresh }: { readonly isFresh: boolean },
): StudyChoice {
  const family = studies
    .map((study) => ({ study, number: numberInFamily(study.name, wanted.name) }))
    .filter((member): member is { study: Study; number: number } => member.number !== undefined)
    .sort((a, b) => b.number - a.number);
  const latest = family[0];
  if (latest === undefined) return { type: 'create', study: wanted };
  const same = family.find(({ study }) => study.state !== 'CANCELLED' && studyChanges(study, wanted).length === 0);
  if (same !== undefined && !isFresh) return { type: 'continue', study: same.study };
  const changes = isFresh ? ['--fresh'] : studyChanges(latest.study, wanted);
  return {
    type: 'create',
    study: { ...wanted, name: `${wanted.name}.${latest.number + 1}` },
    other: { name: latest.study.name, changes: changes.length === 0 ? ['it was cancelled'] : changes },
  };
}

/** 1 for the name itself, n for `name.n`. */
function numberInFamily(name: string, base: string): number | undefined {
  if (name === base) return 1;
  if (!name.startsWith(`${base}.`)) return undefined;
  const rest = name.slice(base.length + 1);
  return /^[1-9]\d*$/.test(rest) && Number(rest) >= 2 ? Number(rest) : undefined;
}
