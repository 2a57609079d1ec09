/** Pruners as a study's record names them. */
import { InputError } from '@kinetune/study';
import { createHyperbandPruner, type HyperbandOptions } from './hyperband-pruner.ts';
import { noPruner } from './no-pruner.ts';
import { createPatiencePruner, type PatienceOptions } from './patience-pruner.ts';
import { createPercentilePruner, type PercentileOptions } from './percentile-pruner.ts';
import type { Pruner } from './pruner.ts';
import { createSuccessiveHalvingPruner, type SuccessiveHalvingOptions } from './successive-halving-pruner.ts';

export const PRUNER_KINDS = ['none', 'percentile', 'successive-halving', 'hyperband', 'patience'] as const;
export type PrunerKind = (typeof PRUNER_KINDS)[number];

/** A pruner as plain data. */
export type PrunerSettings =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'percentile' } & PercentileOptions)
  | ({ readonly kind: 'successive-halving' } & SuccessiveHalvingOptions)
  | ({ readonly kind: 'hyperband' } & HyperbandOptions)
  | ({ readonly kind: 'patience'; readonly only?: PrunerSettings | null } & Omit<PatienceOptions, 'only'>);

/** @throws InputError for a kind that there is not, and for options out of range. */
export function createPruner(settings: PrunerSettings): Pruner {
  switch (settings.kind) {
    case 'none':
      return noPruner;
    case 'percentile':
      return createPercentilePruner(settings);
    case 'successive-halving':
      return createSuccessiveHalvingPruner(settings);
    case 'hyperband':
      return createHyperbandPruner(settings);
    case 'patience': {
      const { only, ...options } = settings;
      return createPatiencePruner(only === undefined ? options : { ...options, only: only && createPruner(only) });
    }
    default: {
      const { kind } = settings as { readonly kind: unknown };
      throw new InputError('pruner-kind', `expected a pruner of ${PRUNER_KINDS.join(', ')}, got ${String(kind)}`);
    }
  }
}
