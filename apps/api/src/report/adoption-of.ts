/** Whether a study's replicates say that its best configuration should replace another one. */
import { adoptionCard, complexityDelta, type AdoptionCard, type ConfigurationShape } from '@kinetune/search';
import { InputError, type Direction, type Kind, type Space } from '@kinetune/study';
import type { AnalysedConfiguration } from './analysed-configurations.ts';
import { repeatedOf, replicatesOf } from './variance-evidence.ts';

export interface AdoptionOptions {
  readonly direction: Direction;
  readonly space: Space;
  /** Number of the configuration that is in use; the first replicated one besides the best unless stated. */
  readonly baseline?: number | undefined;
}

/**
 * The card of the best replicated configuration against the baseline; null where fewer than two have replicates.
 * @throws InputError for a stated baseline that the study does not have.
 */
export function adoptionOf(
  ranked: readonly AnalysedConfiguration[],
  { direction, space, baseline }: AdoptionOptions,
): AdoptionCard | null {
  const replicated = repeatedOf(ranked).filter((one) => replicatesOf(one).some((runs) => runs.length > 1));
  const stated = baseline === undefined ? undefined : ranked.find(({ number }) => number === baseline);
  if (baseline !== undefined && stated === undefined) {
    throw new InputError(
      'unknown-trial',
      `expected the number of a completed trial as baseline, got ${baseline}; completed: ${ranked.map(({ number }) => number).join(', ') || 'none'}`,
    );
  }
  const candidate = replicated.find((one) => one !== stated);
  const incumbent = stated ?? replicated.filter((one) => one !== candidate).sort((a, b) => a.number - b.number)[0];
  if (candidate === undefined || incumbent === undefined) return null;
  const runs = (one: AnalysedConfiguration) => replicatesOf(one).flat();
  return adoptionCard(runs(candidate), runs(incumbent), {
    direction,
    complexity: complexityDelta(shapeOf(candidate, space), shapeOf(incumbent, space)),
  });
}

function shapeOf(configuration: AnalysedConfiguration, space: Space): ConfigurationShape {
  const kinds: Record<string, Kind> = {};
  for (const { name, kind } of [...space.fixed, ...space.hyperparameters]) kinds[name] = kind;
  return {
    values: configuration.trainedValues,
    kinds,
    weightCount: configuration.trials.find(({ weightCount }) => weightCount !== null)?.weightCount ?? null,
  };
}
