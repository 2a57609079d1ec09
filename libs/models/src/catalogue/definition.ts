/** What the catalogue says of a hyperparameter and of a model family. Arithmetic only: runs in a browser. */
import type { Domain, HyperparameterValue, Kind } from '@kinetune/study';

/** Free text of a given form, e.g. a list of layers. */
export interface TextDomain {
  readonly type: 'text';
  /** A regular expression that the whole value matches. */
  readonly pattern: string;
  readonly example: string;
}

/** A built-in hyperparameter. */
export interface HyperparameterDefinition {
  readonly name: string;
  readonly kind: Kind;
  /** Every value that is possible, wider than anyone would search. */
  readonly domain: Domain | TextDomain;
  readonly default: HyperparameterValue;
  /** The range to start a search from; absent where searching it seldom pays. */
  readonly search?: Domain;
  readonly unit?: string;
  readonly description: string;
  /** Its name in the original study's code. */
  readonly originalName?: string;
}

/** Values by leaf name; names the family does not know are ignored, missing ones take their default. */
export type HyperparameterValues = Readonly<Record<string, HyperparameterValue>>;

/** What a model is built for. */
export interface ModelShape {
  /** Samples in a window. */
  readonly windowLength: number;
  readonly channelCount: number;
  readonly classCount: number;
}

export interface ModelFamily {
  /** `cnn1d`, `vit1d`, `conv-transformer`: the `model` of a study file. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly hyperparameters: readonly HyperparameterDefinition[];
  /** Trainable numbers of the model. */
  weightCount(values: HyperparameterValues, shape: ModelShape): number;
  /**
   * Floating-point operations of one window's forward pass, a multiply-add counted as two, matrix products and
   * convolutions only; a training step costs about three times as much for each window.
   */
  floatingPointOperationsPerWindow(values: HyperparameterValues, shape: ModelShape): number;
  /** Why the model cannot be built, each a sentence saying what was expected and what came; empty when it can. */
  validate(values: HyperparameterValues, shape: ModelShape): readonly string[];
}
