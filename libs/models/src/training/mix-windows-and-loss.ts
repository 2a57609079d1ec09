/** Mixup in a training step: the windows are blended, and the step's loss by the same shares. */
import * as tf from '@tensorflow/tfjs-core';
import { mixLosses, mixup } from '../augmentation/mixup.ts';
import { crossEntropy, type CrossEntropyOptions, type LossFunction } from '../engine/index.ts';
import type { Augmentation } from '../model.ts';

export interface MixedStep {
  readonly augment: Augmentation;
  readonly loss: LossFunction;
}

/**
 * An augmentation and the loss that belongs to it: in a training step the engine calls first the one, then the other. Without an
 * augmentation before it, as in evaluation, the loss is plain cross-entropy.
 */
export function mixWindowsAndLoss(
  alpha: number,
  {
    augmentation,
    lossOptions,
  }: { readonly augmentation: Augmentation | undefined; readonly lossOptions: CrossEntropyOptions },
): MixedStep {
  const mix = mixup(alpha);
  /** lambda [B] of the step that is being computed. */
  let ownShare: tf.Tensor1D | undefined;
  return {
    augment(windows, random) {
      const mixed = mix(augmentation === undefined ? windows : augmentation(windows, random), random);
      ownShare = mixed.ownShare;
      return mixed.windows;
    },
    loss(outputs, targets) {
      const logits = outputs as tf.Tensor2D;
      const own = crossEntropy(logits, targets, lossOptions);
      const share = ownShare;
      ownShare = undefined;
      if (share === undefined) return own;
      const partner = crossEntropy(logits, tf.reverse(targets, 0), lossOptions);
      const losses = mixLosses(own.losses, partner.losses, share);
      if (own.weights === undefined || partner.weights === undefined) return { losses };
      return { losses, weights: mixLosses(own.weights, partner.weights, share) };
    },
  };
}
