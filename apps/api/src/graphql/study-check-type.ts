/** What can be said of a study before it runs. */
import { countConfigurations } from '@kinetune/search';
import type { CheckedStudy } from '../studies/create-studies.ts';
import { adviceLines } from '../studies/render-study-check.ts';
import { builder } from './builder.ts';
import { SpaceType } from './space-types.ts';

export const StudyCheckType = builder.objectRef<CheckedStudy>('StudyCheck').implement({
  description: 'What can be said of a study before it runs, as `kinetune study check` does.',
  fields: (t) => ({
    name: t.string({ description: 'Of the study.', resolve: ({ check }) => check.study.name }),
    model: t.string({ description: 'Model family.', resolve: ({ check }) => check.study.model }),
    space: t.field({
      type: SpaceType,
      description: 'What would be searched, with roles and kinds filled in.',
      resolve: ({ check }) => check.study.space,
    }),
    configurationCount: t.float({
      nullable: true,
      description: 'Configurations that the space holds, constraints aside; null where a hyperparameter is continuous.',
      resolve: ({ check }) => {
        const count = countConfigurations(check.study.space);
        return Number.isFinite(count) ? count : null;
      },
    }),
    samplerEngine: t.string({
      description: 'What would propose the first configurations.',
      resolve: ({ check }) => check.sampler.engine,
    }),
    samplerReason: t.string({ description: 'Why that one.', resolve: ({ check }) => check.sampler.reason }),
    acceptedShare: t.float({
      description: 'Share of uniform draws that satisfy the constraints.',
      resolve: ({ check: { draws } }) => draws.accepted / draws.draws,
    }),
    unbuildableShare: t.float({
      nullable: true,
      description: 'Share of those whose model cannot be built; null where that is known only once it trains.',
      resolve: ({ check: { draws } }) => (draws.unbuildable === null ? null : draws.unbuildable / draws.accepted),
    }),
    unbuildableReasons: t.stringList({
      description: 'Why models could not be built.',
      resolve: ({ check }) => [...check.draws.reasons],
    }),
    suggestedConstraint: t.string({
      nullable: true,
      description: 'It would leave out what cannot be built.',
      resolve: ({ check }) => check.draws.suggestedConstraint,
    }),
    undecided: t.stringList({
      description: 'What constraints name and only the data tell; they were taken to hold.',
      resolve: ({ check }) => [...check.draws.undecided],
    }),
    advice: t.stringList({
      description: 'What the Playbook advises on roles and scales.',
      resolve: ({ check }) => adviceLines(check.roles, check.scales),
    }),
    data: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Windows, people of each part, classes; null where the trainer brings its own data.',
      resolve: ({ data }) => data,
    }),
    audit: t.stringList({
      description: 'What the leak audit says, the verdict first.',
      resolve: ({ data }) => [...(data?.audit ?? [])],
    }),
    isLeaking: t.boolean({
      description: 'People or samples are on both sides of the split.',
      resolve: ({ data }) => data?.isLeaking ?? false,
    }),
  }),
});
