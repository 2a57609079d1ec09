/** What can be said of a study before it runs: its sampler, what its constraints let through, what the Playbook advises. */
import { availableParallelism } from 'node:os';
import { createSampler, roleCheck, scaleAdvice, type RoleCheck, type ScaleAdvice } from '@kinetune/search';
import { InputError } from '@kinetune/study';
import { acceptance } from './acceptance.ts';
import { drawSpace, type SpaceDraws } from './draw-space.ts';
import { knownShape } from './known-shape.ts';
import type { ResolvedStudy } from './resolve-study.ts';

export interface StudyCheck {
  readonly study: ResolvedStudy;
  readonly sampler: { readonly engine: string; readonly reason: string };
  readonly draws: SpaceDraws;
  readonly roles: RoleCheck;
  readonly scales: ScaleAdvice;
}

/** @throws InputError where the constraints let nothing through. */
export function checkStudy(study: ResolvedStudy): StudyCheck {
  const { space, model, trainer, data, sampler: settings, phase, budget, seed, objective } = study;
  const shape = data === null ? {} : knownShape(data);
  const draws = drawSpace(space, trainer.kind === 'built-in' ? model : null, shape);
  if (draws.accepted === 0) {
    const message = `constraints: none of ${draws.draws} draws from the space satisfies ${(space.constraints ?? []).map((text) => `\`${text}\``).join(' and ')}: expected some, loosen them or move the ranges`;
    throw new InputError('constraints-accept-nothing', message, { problems: [{ field: ['constraints'], message }] });
  }
  const sampler = createSampler(settings, {
    phase,
    trialCount: budget.trials,
    parallelism: study.parallelism ?? availableParallelism(),
  });
  const { direction } = objective;
  const history = { observed: [], infeasible: [], pending: [] };
  const first = sampler({ space, seed, index: 0, direction, history, accepts: acceptance(space, model, shape) });
  return {
    study,
    sampler: { engine: first?.engine ?? settings.kind, reason: first?.reason ?? 'the space is empty' },
    draws,
    roles: roleCheck(space),
    scales: scaleAdvice(space, { trialCount: budget.trials }),
  };
}
