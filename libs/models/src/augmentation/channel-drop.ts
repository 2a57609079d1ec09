import * as tf from '@tensorflow/tfjs-core';
import type { Augmentation } from '../model.ts';

/**
 * Replaces each channel of a window, with `probability`, by its training mean, which is 0 after standardisation. Unlike
 * dropout the others are not scaled up: a sensor that fails does not make the rest louder.
 */
export function channelDrop(probability: number): Augmentation {
  return (windows, random) => {
    const isKept = tf.greaterEqual(random.uniform([windows.shape[0], 1, windows.shape[2]]), probability);
    return tf.mul(windows, tf.cast(isKept, 'float32'));
  };
}
