/** A hyperparameter's role in a study where the file does not state one. */
import type { Kind, Role } from '@kinetune/study';

/**
 * The Playbook's rules of thumb ("Identifying scientific, nuisance, and fixed hyperparameters"): optimizer hyperparameters
 * are mostly nuisance, the choice of an optimizer is scientific; the strength of a regulariser is nuisance, its presence
 * scientific; architecture is scientific. A choice by nature (a catalogue's list of words) counts as a presence.
 */
export function defaultRole(kind: Kind, isChoice: boolean): Exclude<Role, 'fixed'> {
  if (kind === 'architecture') return 'scientific';
  return isChoice && kind !== 'initialisation' ? 'scientific' : 'nuisance';
}
