/**
 * The automatic rule: which engine suits a study's phase, budget, parallelism and space, and why.
 *
 *   explore                                         Halton
 *   exploit, fewer than three rounds of trials      Halton: a model would see too few results before the budget is used up
 *   exploit, mostly numeric, up to 500 results      Gaussian process
 *   exploit, else                                   TPE: it models branches apart, and its cost grows with n log n, not n^3
 *
 * After the rule of OptunaHub's AutoSampler (categorical or conditional: TPE; numeric: GP for the first few hundred trials).
 */
import { parseName, type Phase, type Space } from '@kinetune/study';
import { samplerAdvice, SAMPLER_ADVICE_THRESHOLDS } from './analysis/sampler-advice.ts';
import { showCount } from './analysis/wording.ts';

/** Results above which a Gaussian process is not fitted any more. */
const LARGEST_PROCESS = 500;

interface EngineContext {
  readonly phase: Phase;
  /** Configurations that the phase proposes. */
  readonly trialCount: number;
  readonly parallelism: number;
  /** Results within the space that were known before. */
  readonly knownCount: number;
}

export interface EngineChoice {
  readonly engine: 'halton' | 'gp' | 'tpe';
  readonly reason: string;
}

export function chooseEngine(space: Space, context: EngineContext): EngineChoice {
  const { knownCount, ...asked } = context;
  // What is known already is what a model learns from, too.
  const adaptiveTrials = Math.max(0, SAMPLER_ADVICE_THRESHOLDS.adaptiveTrials - knownCount);
  const { verdict, reason } = samplerAdvice(space, { ...asked, thresholds: { adaptiveTrials } });
  if (verdict !== 'adaptive') return { engine: 'halton', reason };
  const count = space.hyperparameters.length;
  const numeric = space.hyperparameters.filter(
    ({ name, domain }) => domain.type !== 'categorical' && parseName(name).conditions.length === 0,
  ).length;
  const share = `${numeric} of ${showCount(count, 'hyperparameter')} ${numeric === 1 ? 'is' : 'are'} numeric and in no branch`;
  if (2 * numeric <= count)
    return { engine: 'tpe', reason: `${reason}; ${share}: TPE models choices and branches apart` };
  const results = asked.trialCount + knownCount;
  if (results > LARGEST_PROCESS) {
    return { engine: 'tpe', reason: `${reason}; ${results} results are more than a Gaussian process is fitted to` };
  }
  return { engine: 'gp', reason: `${reason}; ${share}: a Gaussian process suits` };
}
