/** What tells two studies of one name apart. */
import { parseName, type DataSpec, type Domain, type HyperparameterValue, type Space } from '@kinetune/study';
import type { NewStudy } from '@kinetune/storage';

/**
 * The fields whose change makes another study, each as `field: before -> after`. Budget, second phase, parallelism and limits only say
 * how much of the same study is run and how fast; goal, phase, thresholds and reasons are words about it.
 */
export function studyChanges(before: NewStudy, after: NewStudy): string[] {
  const changes: string[] = [];
  const compare = (field: string, a: unknown, b: unknown): void => {
    if (canonical(a) !== canonical(b)) changes.push(`${field}: ${show(a)} -> ${show(b)}`);
  };
  const data: [Partial<DataSpec>, Partial<DataSpec>] = [before.data ?? {}, after.data ?? {}];
  // Where recordings lie does not matter once it is known what they hold.
  const areSplit = before.splitHash !== null && after.splitHash !== null;
  for (const field of new Set(data.flatMap((one) => Object.keys(one)) as (keyof DataSpec)[]))
    if (field !== 'path' || !areSplit) compare(`data.${field}`, data[0][field], data[1][field]);
  compare('model', before.model, after.model);
  compare('trainer', before.trainer, after.trainer);
  compareSpaces(before.space, after.space, compare);
  compare('objective', before.objective, after.objective);
  compare(
    'metrics',
    before.metrics.map(({ name }) => name),
    after.metrics.map(({ name }) => name),
  );
  compare('sampler', samplerOf(before, after), samplerOf(after, after));
  compare('pruner', before.pruner, after.pruner);
  compare('replicates', before.replicates, after.replicates);
  compare('folds', before.folds, after.folds);
  compare('from', before.from, after.from);
  compare('studyGroup', before.studyGroup, after.studyGroup);
  compare('keepBest', before.keepBest, after.keepBest);
  compare('earlyStopping', before.earlyStopping ?? null, after.earlyStopping ?? null);
  compare('seed', before.seed, after.seed);
  compare('shuffled labels', before.shuffleLabelsSeed, after.shuffleLabelsSeed);
  // The manifest follows from the data's specification and content: name it only where nothing else explains it.
  if (changes.length === 0 && areSplit && before.splitHash !== after.splitHash)
    changes.push('data: the recordings or the people of each part are others than before');
  return changes;
}

/** Exploring, the automatic choice is Halton's sequence: a study that was begun when there was no other is the same. */
function samplerOf({ sampler }: NewStudy, { phase }: NewStudy): NewStudy['sampler'] {
  return sampler.kind === 'auto' && phase === 'explore' ? { kind: 'halton' } : sampler;
}

function compareSpaces(before: Space, after: Space, compare: (field: string, a: unknown, b: unknown) => void): void {
  compare('constraints', before.constraints ?? [], after.constraints ?? []);
  const searched = (space: Space): Map<string, string> =>
    new Map(space.hyperparameters.map(({ name, domain, role }) => [name, `${showDomain(domain)} (${role})`]));
  const held = (space: Space): Map<string, HyperparameterValue> =>
    new Map(space.fixed.map(({ name, value }) => [name, value]));
  for (const [section, a, b] of [
    ['space', searched(before), searched(after)],
    ['fixed', held(before), held(after)],
  ] as const) {
    for (const name of new Set([...a.keys(), ...b.keys()])) {
      // A name that moved from one section to the other is told once, by the section it is searched in.
      const isSearched = searched(before).has(name) || searched(after).has(name);
      if (section === 'fixed' && isSearched) continue;
      compare(`${section}.${parseName(name).leaf === name ? name : `"${name}"`}`, a.get(name), b.get(name));
    }
  }
}

/** A domain in few words: `1e-4 to 0.01, log`. */
export function showDomain(domain: Domain): string {
  if (domain.type === 'categorical') return domain.choices.map(String).join(' | ');
  const step = domain.step === undefined ? '' : ` by ${domain.step}`;
  return `${domain.minimum} to ${domain.maximum}${step}${domain.scale === 'log' ? ', log' : ''}`;
}

function show(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  const text = typeof value === 'string' ? value : canonical(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** JSON whose keys are sorted, absent and undefined alike. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      inner !== null && typeof inner === 'object' && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? 'none'
  );
}
