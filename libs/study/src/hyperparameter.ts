/** What can be tuned: a name, a domain, a kind (what it does to training) and a role (what it is for in one study). */

/** What a hyperparameter does to training; many of the Playbook's rules key on it. */
export const KINDS = [
  'optimizer',
  'regulariser',
  'architecture',
  'augmentation',
  'schedule',
  'initialisation',
  'batch',
  'steps',
] as const;
export type Kind = (typeof KINDS)[number];

/** Scientific: its effect is the question. Nuisance: tuned so that the comparison is fair. Fixed: held, with a caveat. */
export const ROLES = ['scientific', 'nuisance', 'fixed'] as const;
export type Role = (typeof ROLES)[number];

export const SCALES = ['linear', 'log'] as const;
export type Scale = (typeof SCALES)[number];

export type HyperparameterValue = string | number | boolean;

/** A real interval, both ends included; `step` (linear scale only) keeps minimum + k * step. */
export interface FloatDomain {
  readonly type: 'float';
  readonly minimum: number;
  readonly maximum: number;
  readonly scale: Scale;
  readonly step?: number;
}

/** An integer interval, both ends included. */
export interface IntDomain {
  readonly type: 'int';
  readonly minimum: number;
  readonly maximum: number;
  readonly scale: Scale;
  readonly step?: number;
}

/** A list of distinct values without an order. */
export interface CategoricalDomain {
  readonly type: 'categorical';
  readonly choices: readonly HyperparameterValue[];
}

export type Domain = FloatDomain | IntDomain | CategoricalDomain;

/** A hyperparameter a study varies. Fixed ones are `FixedHyperparameter`s: they have a value and a reason instead. */
export interface Hyperparameter {
  /** Unique in the space. A conditional one is namespaced by its parents: `optimizer=adam/learningRate`. */
  readonly name: string;
  readonly kind: Kind;
  readonly role: Exclude<Role, 'fixed'>;
  readonly domain: Domain;
}

export interface FixedHyperparameter {
  readonly name: string;
  readonly kind: Kind;
  readonly value: HyperparameterValue;
  /** Why it is not tuned; every conclusion carries it as a caveat. */
  readonly reason: string;
}
