/** Continue a study of the name, extend it, or start another: finished trials are never run twice, nor mixed with others. */
import type { NewStudy, Study } from '@kinetune/storage';
import type { Space } from '@kinetune/study';
import { studyChanges } from './study-changes.ts';
import { widenedSpace, type WidenedSpace } from './widened-space.ts';

export type StudyChoice =
  | {
      readonly type: 'continue';
      readonly study: Study;
      /** The next version of its space, where the wanted one is wider. */
      readonly widened?: WidenedSpace;
    }
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
  const living = isFresh ? [] : family.map(({ study }) => study).filter(({ state }) => state !== 'CANCELLED');
  const same = living.find((study) => isSame(study, wanted));
  if (same !== undefined) return { type: 'continue', study: same };
  for (const study of living) {
    const widened = widening(study, wanted);
    if (widened !== undefined) return { type: 'continue', study, widened };
  }
  const changes = isFresh ? ['--fresh'] : studyChanges(withSpace(latest.study, lastExplored(latest.study)), wanted);
  return {
    type: 'create',
    study: { ...wanted, name: `${wanted.name}.${latest.number + 1}` },
    other: { name: latest.study.name, changes: changes.length === 0 ? ['it was cancelled'] : changes },
  };
}

/** Also where the study's space has been widened or refined since: a file states the space that it began with. */
function isSame(study: Study, wanted: NewStudy): boolean {
  return study.spaceVersions.some(({ space }) => studyChanges(withSpace(study, space), wanted).length === 0);
}

/** The wider space, where that is all that changed and the study still explores what it began with. */
function widening(study: Study, wanted: NewStudy): WidenedSpace | undefined {
  const { spaceVersions } = study;
  if (spaceVersions.at(-1)?.phase !== spaceVersions[0]?.phase) return undefined;
  const widened = widenedSpace(study.space, wanted.space);
  if (widened === undefined) return undefined;
  return studyChanges(withSpace(study, widened.space), wanted).length === 0 ? widened : undefined;
}

/** The space as it was last widened, before a second phase refined it. */
function lastExplored({ space, spaceVersions }: Study): Space {
  return spaceVersions.findLast(({ phase }) => phase === spaceVersions[0]?.phase)?.space ?? space;
}

function withSpace(study: Study, space: Space): Study {
  return { ...study, space };
}

/** 1 for the name itself, n for `name.n`. */
function numberInFamily(name: string, base: string): number | undefined {
  if (name === base) return 1;
  if (!name.startsWith(`${base}.`)) return undefined;
  const rest = name.slice(base.length + 1);
  return /^[1-9]\d*$/.test(rest) && Number(rest) >= 2 ? Number(rest) : undefined;
}
