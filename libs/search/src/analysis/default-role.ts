/**
 * Roles by kind, and what is refused (Deep Learning Tuning Playbook, "Identifying scientific, nuisance, and fixed hyperparameters",
 * "Choosing the batch size", "Deciding the number of steps"; practices 12, 27-29, 32, 83).
 */
import { parseName, type Kind, type Role, type Space } from '@kinetune/study';
import type { Check, CheckStatus } from './check.ts';
import { fixedInteractions, type FixedInteraction } from './fixed-interactions.ts';
import { showList } from './wording.ts';

/**
 * The Playbook's rules of thumb: optimizer hyperparameters are mostly nuisance, the choice of an optimizer is scientific; the
 * strength of a regulariser is nuisance, its presence scientific; architecture is scientific. Batch size and the number of steps are
 * not tuned: fixed. A choice by nature (a catalogue's list of words) counts as a presence.
 */
export function defaultRole(kind: Kind, { isChoice }: { readonly isChoice: boolean }): Role {
  if (kind === 'batch' || kind === 'steps') return 'fixed';
  if (kind === 'architecture') return 'scientific';
  return isChoice && kind !== 'initialisation' ? 'scientific' : 'nuisance';
}

export interface RoleProblem {
  readonly name: string;
  readonly code:
    'batch-as-nuisance' | 'batch-without-retuning' | 'steps-in-study' | 'fixed-without-reason' | 'unusual-role';
  /** refused: the study is not to run so. advice: it may, for a reason. */
  readonly severity: 'refused' | 'advice';
  readonly reason: string;
}

export interface RoleNumbers {
  readonly problems: readonly RoleProblem[];
  readonly interactions: readonly FixedInteraction[];
  /** What every conclusion holds for. */
  readonly caveats: readonly string[];
  readonly counts: Readonly<Record<Role, number>>;
}

export const ROLE_VERDICTS = ['fine', 'advice', 'refused'] as const;
export type RoleCheck = Check<(typeof ROLE_VERDICTS)[number], RoleNumbers>;

/** Judged before a study runs: no trials are behind it. */
export function roleCheck(space: Space): RoleCheck {
  const varied = space.hyperparameters.flatMap(({ name, kind, role, domain }) =>
    problemsOf(
      {
        name,
        kind,
        role,
        isChoice: domain.type === 'categorical' && domain.choices.some((one) => typeof one !== 'number'),
      },
      space,
    ),
  );
  const held = space.fixed
    .filter(({ reason }) => reason.trim() === '')
    .map(({ name }): RoleProblem => ({
      name,
      code: 'fixed-without-reason',
      severity: 'refused',
      reason: `${name} is fixed without a reason: every fixed hyperparameter is a caveat to every conclusion, so say why`,
    }));
  const problems = [...varied, ...held];
  const interactions = fixedInteractions(space);
  const refused = problems.filter(({ severity }) => severity === 'refused');
  const roles = space.hyperparameters.map(({ role }) => role);
  const numbers: RoleNumbers = {
    problems,
    interactions,
    caveats: space.fixed.map(({ name, value, reason }) => `holds for ${name} = ${value} (${reason})`),
    counts: {
      scientific: roles.filter((role) => role === 'scientific').length,
      nuisance: roles.filter((role) => role === 'nuisance').length,
      fixed: space.fixed.length,
    },
  };
  const said = [
    ...(refused.length > 0 ? refused : problems).map(({ reason }) => reason),
    ...(refused.length > 0
      ? []
      : interactions.map(({ fixed, scientific, why }) => `fixed ${fixed} interacts with ${scientific}: ${why}`)),
  ];
  const verdict = refused.length > 0 ? 'refused' : said.length > 0 ? 'advice' : 'fine';
  const status: CheckStatus = verdict === 'refused' ? 'fail' : verdict === 'advice' ? 'caution' : 'pass';
  const names = [...new Set([...refused.map(({ name }) => name), ...interactions.map(({ fixed }) => fixed)])];
  return {
    verdict,
    status,
    reason: said.length === 0 ? 'roles follow the rules of thumb' : said.join('; '),
    numbers,
    trials: [],
    next:
      verdict === 'refused'
        ? { action: 'change-space', text: `change the role of ${showList(names)}` }
        : interactions.length > 0
          ? { action: 'change-space', text: `tune ${showList(names)} as nuisance, or keep the caveat` }
          : null,
  };
}

interface Judged {
  readonly name: string;
  readonly kind: Kind;
  readonly role: Exclude<Role, 'fixed'>;
  readonly isChoice: boolean;
}

function problemsOf({ name, kind, role, isChoice }: Judged, space: Space): readonly RoleProblem[] {
  if (kind === 'steps') {
    const reason = `${name} is the length of training: never tuned within a study, for longer is better on paper; one value a study`;
    return [{ name, code: 'steps-in-study', severity: 'refused', reason }];
  }
  if (kind === 'batch' && role === 'nuisance') {
    const reason = `${name} is not tuned for accuracy: any batch size reaches the same with the others tuned for it; choose it by speed and memory`;
    return [{ name, code: 'batch-as-nuisance', severity: 'refused', reason }];
  }
  if (kind === 'batch') {
    const lacking = ['learningRate', 'regulariser'].filter((what) => !isTuned(what, space));
    if (lacking.length === 0) return [];
    const shown = showList(lacking.map((what) => (what === 'regulariser' ? 'a regulariser' : 'the learning rate')));
    const reason = `${name} as a scientific hyperparameter needs the optimizer and regularisation tuned for each of its values; ${shown} is not`;
    return [{ name, code: 'batch-without-retuning', severity: 'refused', reason }];
  }
  const usual = defaultRole(kind, { isChoice });
  if (usual === role || usual === 'fixed') return [];
  const reason =
    role === 'scientific'
      ? `${name} (${kind}) is usually nuisance: its best value moves with others, and alone says little`
      : `${name} (${kind}) is usually scientific or fixed: as nuisance it needs a value for each comparison`;
  return [{ name, code: 'unusual-role', severity: 'advice', reason }];
}

function isTuned(what: string, { hyperparameters }: Space): boolean {
  return hyperparameters.some(
    ({ name, kind, role }) => role === 'nuisance' && (kind === what || parseName(name).leaf === what),
  );
}
