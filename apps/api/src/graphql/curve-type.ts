/** Curves of trials, thinned to what a chart can show. */
import { findStudies, type SampledCurve, type Study } from '@kinetune/storage';
import { GraphQLError } from 'graphql';
import { sampledCurves } from '../live/sampled-curves.ts';
import { batched } from './batched.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { StudyType } from './study-type.ts';
import { TrialType } from './trial-type.ts';

/** Curves of one field, and points of one curve. */
const MOST = { trials: 500, points: 2000, metrics: 20 } as const;
const POINTS = { default: 300, fewest: 4 } as const;

interface MetricCurve extends SampledCurve {
  readonly metric: string;
}

const CurveType = builder.objectRef<MetricCurve>('Curve').implement({
  description:
    'One metric of one trial over its steps. Beyond the points asked for, each of equal stretches keeps its lowest and its highest value, so that no spike is lost.',
  fields: (t) => ({
    trial: t.field({ type: TrialType, description: 'Whose curve it is.', resolve: ({ trialId }) => trialId }),
    trialId: t.globalID({
      description: 'The id of the trial, which costs no reading.',
      resolve: ({ trialId }) => ({ id: trialId, type: TrialType }),
    }),
    metric: t.exposeString('metric', { description: 'By name.' }),
    count: t.exposeInt('count', { description: 'Measurements that there are.' }),
    steps: t.field({ type: 'Numbers', description: 'Rising.', resolve: ({ steps }) => steps }),
    epochs: t.field({ type: 'Numbers', description: 'One for each step.', resolve: ({ epochs }) => epochs }),
    values: t.field({ type: 'Numbers', description: 'One for each step.', resolve: ({ values }) => values }),
  }),
});

/** A point costs as much to read and send as a hundredth of a field. */
function complexityOf(
  trials: number,
  { metrics, points }: { readonly metrics: readonly string[]; readonly points?: number | null | undefined },
) {
  return { field: Math.ceil((trials * metrics.length * (points ?? POINTS.default)) / 100), multiplier: trials };
}

builder.objectField(TrialType, 'curves', (t) =>
  t.field({
    type: [CurveType],
    description: 'One for each metric that is asked for.',
    args: {
      metrics: t.arg.stringList({
        required: true,
        description: `Names of metrics of the study, at most ${MOST.metrics}.`,
      }),
      points: t.arg.int({
        defaultValue: POINTS.default,
        description: `Of each curve, ${POINTS.fewest} to ${MOST.points}.`,
      }),
    },
    complexity: (args) => complexityOf(1, args),
    resolve: async ({ id, studyId }, { metrics, points }, context) => {
      const load = (ids: readonly string[]) => findStudies(context.db, ids);
      const study = await batched(context, { name: 'Trial.curves.study', id: studyId, load });
      return curvesOf(context, study as Study, { trialIds: [id], metrics, points });
    },
  }),
);

builder.objectField(StudyType, 'curves', (t) =>
  t.field({
    type: [CurveType],
    description: 'Of some of its trials: one for each trial and metric, in the order asked for.',
    args: {
      trialIds: t.arg.globalIDList({
        required: true,
        for: TrialType,
        description: `Ids of its trials, at most ${MOST.trials}.`,
      }),
      metrics: t.arg.stringList({ required: true, description: `Names of its metrics, at most ${MOST.metrics}.` }),
      points: t.arg.int({
        defaultValue: POINTS.default,
        description: `Of each curve, ${POINTS.fewest} to ${MOST.points}.`,
      }),
    },
    complexity: (args) => complexityOf(args.trialIds.length, args),
    resolve: (study, { trialIds, metrics, points }, context) =>
      curvesOf(context, study, { trialIds: trialIds.map(({ id }) => id), metrics, points }),
  }),
);

interface CurveRequest {
  readonly trialIds: readonly string[];
  readonly metrics: readonly string[];
  readonly points: number | null | undefined;
}

async function curvesOf(context: Context, study: Study, request: CurveRequest): Promise<MetricCurve[]> {
  const { trialIds, metrics } = request;
  const points = request.points ?? POINTS.default;
  refuseOutside('points', points, [POINTS.fewest, MOST.points]);
  refuseOutside('trials', trialIds.length, [0, MOST.trials]);
  refuseOutside('metrics', metrics.length, [0, MOST.metrics]);
  const names = study.metrics.map(({ name }) => name);
  const curves = await Promise.all(
    metrics.map(async (metric) => {
      const position = names.indexOf(metric);
      if (position < 0)
        throw badInput(`expected metrics of ${study.name} (${names.join(', ')}), got ${metric.slice(0, 60)}`);
      const options = { position, points };
      const load = (ids: readonly string[]) => sampledCurves(context.db, ids, options);
      return Promise.all(
        trialIds.map(async (id) => ({ metric, curve: await batched(context, { name: 'curves', options, id, load }) })),
      );
    }),
  );
  return trialIds.flatMap((_, index) =>
    curves.flatMap((ofMetric) => {
      const { metric, curve } = ofMetric[index] as (typeof ofMetric)[number];
      return curve?.studyId === study.id ? [{ ...curve, metric }] : [];
    }),
  );
}

function refuseOutside(what: string, count: number, [least, most]: readonly [number, number]): void {
  if (count < least || count > most) throw badInput(`expected ${least} to ${most} ${what}, got ${count}`);
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
