/**
 * How much of the space cannot be trained, and where (Deep Learning Tuning Playbook, "Identifying bad search space boundaries";
 * practice 50): a part that rules describe is cut off or reparametrised, infeasible trials everywhere are rather a bug.
 */
import { domainValue, valueCount, type Domain, type Space } from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { Check } from './check.ts';
import { infeasibleShare, type InfeasibleShare } from './infeasible-share.ts';
import { describeRules, infeasibleTree, type Rule, type TreeLeaf } from './infeasible-tree.ts';
import { wilsonInterval } from './statistics/wilson-interval.ts';
import { showCount, showNumber, showShare } from './wording.ts';

export const INFEASIBLE_REGION_THRESHOLDS = {
  /** A share up to this is no obstacle to a search. */
  tolerableShare: 0.1,
  /** A share from this on, in the best part of the space too, is everywhere. */
  everywhereShare: 0.3,
  fewestTrials: 5,
  treeDepth: 3,
  smallestLeaf: 3,
  /** Of the split's test, after correction for the splits tried. */
  significance: 0.05,
} as const;

export interface InfeasibleRegionNumbers extends InfeasibleShare {
  /** All leaves of the tree, from the one with the most infeasible trials down. */
  readonly leaves: readonly TreeLeaf[];
  /** The leaf with the most infeasible trials: its rules, how many of the infeasible it holds, how many of its trials are. */
  readonly region: { readonly rules: readonly Rule[]; readonly coverage: number; readonly share: number } | null;
  /** Infeasible trials by why they are, the most frequent first; `not recorded` where nothing was. */
  readonly codes: Readonly<Record<string, number>>;
}

export const INFEASIBLE_REGION_VERDICTS = ['none', 'few', 'region', 'scattered', 'everywhere', 'too-few'] as const;
export type InfeasibleRegion = Check<(typeof INFEASIBLE_REGION_VERDICTS)[number], InfeasibleRegionNumbers>;

export interface InfeasibleRegionOptions {
  readonly thresholds?: Partial<Record<keyof typeof INFEASIBLE_REGION_THRESHOLDS, number>>;
}

/** `trials` of the check are the infeasible ones. */
export function infeasibleRegion(
  space: Space,
  trials: readonly AnalysedTrial[],
  { thresholds }: InfeasibleRegionOptions = {},
): InfeasibleRegion {
  const limits = { ...INFEASIBLE_REGION_THRESHOLDS, ...thresholds };
  const { share, interval, ...counts } = infeasibleShare(trials);
  const finished = trials.filter(({ state }) => state === 'COMPLETED' || state === 'PRUNED' || state === 'INFEASIBLE');
  const leaves = infeasibleTree(space, finished, {
    depth: limits.treeDepth,
    smallestLeaf: limits.smallestLeaf,
    significance: limits.significance,
  });
  const worst = leaves[0];
  const region =
    worst === undefined || worst.rules.length === 0 || worst.infeasible.length === 0
      ? null
      : {
          rules: worst.rules,
          coverage: worst.infeasible.length / counts.infeasible,
          share: worst.infeasible.length / worst.trials.length,
        };
  const codes = countCodes(finished);
  const base = { numbers: { ...counts, share, interval, leaves, region, codes }, trials: counts.trials };
  if (share === null || interval === null || counts.finished < limits.fewestTrials) {
    const reason = `${showCount(counts.finished, 'trial')} with a result: at least ${limits.fewestTrials} are needed to judge their feasibility`;
    return { ...base, verdict: 'too-few', status: 'not-known', reason, next: null };
  }
  const [low, high] = interval;
  const seen = `${counts.infeasible} of ${counts.finished} trials are infeasible (${showShare(share)}, 95 % interval ${showShare(low)} to ${showShare(high)}; ${showCodes(codes)})`;
  if (counts.infeasible === 0) {
    const reason = `none of ${counts.finished} trials is infeasible (95 % interval up to ${showShare(high)} of the space)`;
    return { ...base, verdict: 'none', status: 'pass', reason, next: null };
  }
  // The part of the space with the smallest share: if that is bad too, no part is good.
  const bestPart = Math.min(...leaves.map((leaf) => wilsonInterval(leaf.infeasible.length, leaf.trials.length)[0]));
  if (share >= limits.everywhereShare && bestPart >= limits.tolerableShare) {
    const reason = `${seen}, in every part of the space: a bug? Data, loss or model may break by themselves`;
    const text = 'find out why the infeasible trials failed, by the mildest configuration among them';
    return { ...base, verdict: 'everywhere', status: 'fail', reason, next: { action: 'look-for-bug', text } };
  }
  const where =
    region === null
      ? 'no rule on the hyperparameters tells where'
      : `${showShare(region.coverage)} of them have ${describeRules(region.rules)}, where ${showShare(region.share)} of the trials are infeasible`;
  const reason = `${seen}; ${where}`;
  if (share <= limits.tolerableShare) return { ...base, verdict: 'few', status: 'pass', reason, next: null };
  if (region === null) {
    const text = 'read the reasons of the infeasible trials: chance at this share points to instability or to a bug';
    return { ...base, verdict: 'scattered', status: 'caution', reason, next: { action: 'look-for-bug', text } };
  }
  return { ...base, verdict: 'region', status: 'caution', reason, next: cutOff(space, region.rules) };
}

function cutOff(space: Space, rules: readonly Rule[]): NonNullable<InfeasibleRegion['next']> {
  const [rule] = rules;
  const domain = space.hyperparameters.find(({ name }) => name === rule?.name)?.domain;
  const without = rules.length === 1 && rule !== undefined && domain !== undefined ? domainWithout(domain, rule) : null;
  if (rule === undefined || without === null) {
    const text = `cut off or reparametrise ${describeRules(rules)}: warm-up, clipping or a bound on one in terms of the other may make it trainable`;
    return { action: 'narrow-space', text };
  }
  const text = `leave out ${describeRules(rules)}, or make it trainable (warm-up, gradient clipping)`;
  return { action: 'narrow-space', text, domains: { [rule.name]: without } };
}

/** The domain without the part that a rule names; null where nothing to search would be left. */
function domainWithout(domain: Domain, rule: Rule): Domain | null {
  if (domain.type === 'categorical') {
    const choices = domain.choices.filter((choice) =>
      rule.is === 'equal' ? choice !== rule.value : choice === rule.value,
    );
    return choices.length === 0 ? null : { ...domain, choices };
  }
  if (rule.is !== 'above' && rule.is !== 'at-most') return null;
  const isUpper = rule.is === 'above';
  if (!Number.isFinite(valueCount(domain)))
    return isUpper ? { ...domain, maximum: rounded(rule.value) } : { ...domain, minimum: rounded(rule.value) };
  // Rules lie between two values, so that rounding does not matter.
  const last = Math.floor((rule.value - domain.minimum) / (domain.step ?? 1) + 1e-9);
  const first = last + 1;
  if (isUpper ? last < 0 : first >= valueCount(domain)) return null;
  return isUpper
    ? { ...domain, maximum: domainValue(domain, Math.min(last, valueCount(domain) - 1)) as number }
    : { ...domain, minimum: domainValue(domain, Math.max(first, 0)) as number };
}

/** A bound that people can read; three digits move it by less than half a percent. */
function rounded(value: number): number {
  return Number(showNumber(value));
}

function countCodes(finished: readonly AnalysedTrial[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { state, reasonCode } of finished) {
    if (state !== 'INFEASIBLE') continue;
    const code = reasonCode ?? 'not recorded';
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1]));
}

function showCodes(codes: Readonly<Record<string, number>>): string {
  const entries = Object.entries(codes);
  return entries.length === 1 && entries[0]?.[0] === 'not recorded'
    ? 'why was not recorded'
    : entries.map(([code, count]) => `${code} ${count}`).join(', ');
}
