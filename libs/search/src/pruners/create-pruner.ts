/** Pruners as a study's record names them. */
import { InputError, PRUNER_KINDS, type PrunerSettings } from '@kinetune/study';
import { createHyperbandPruner } from './hyperband-pruner.ts';
import { noPruner } from './no-pruner.ts';
import { createPatiencePruner } from './patience-pruner.ts';
import { createPercentilePruner } from './percentile-pruner.ts';
import type { Pruner } from './pruner.ts';
import { createSuccessiveHalvingPruner } from './successive-halving-pruner.ts';

/** @throws InputError for a kind that there is not, and for options out of range. */
export function createPruner(settings: PrunerSettings): Pruner {
  switch (settings.kind) {
    case 'none':
      return noPruner;
    case 'percentile':
      return createPercentilePruner(stated(settings));
    case 'successive-halving':
      return createSuccessiveHalvingPruner(stated(settings));
    case 'hyperband':
      return createHyperbandPruner(stated(settings));
    case 'patience': {
      const { only, ...options } = stated(settings);
      return createPatiencePruner(only === undefined ? options : { ...options, only: only && createPruner(only) });
    }
    default: {
      const { kind } = settings as { readonly kind: unknown };
      throw new InputError('pruner-kind', `expected a pruner of ${PRUNER_KINDS.join(', ')}, got ${String(kind)}`);
    }
  }
}

/** Options left out and options that are undefined are the same: the default. */
type Stated<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

function stated<T extends object>(settings: T): Stated<T> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Stated<T>;
}
