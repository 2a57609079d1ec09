import { carryOn, prunerOf } from './judged-trial.ts';
import type { Pruner } from './pruner.ts';

/** Stops nothing. */
export const noPruner: Pruner = prunerOf(({ at }) => carryOn('this study stops no trial before its last epoch', at));
