/**
 * A sampler of a sequence of points: configuration `index` is the index-th point that satisfies the constraints, whoever asks,
 * when, and with how many workers. In a space of finitely many configurations it is the index-th *distinct* one, and null when all
 * were suggested.
 *
 * History is looked at for one thing. When a study's space became another (widened, refined, or it went on from a list), index i
 * of the new space may be what was suggested in the old one. Of infinitely many configurations none comes twice; of finitely many
 * the first in the order of the sequence that was not suggested takes its place. A study that keeps its space never
 * comes to that: what it suggested are the configurations before index i, so that its suggestions are functions of seed and index.
 *
 * `given` values stand in place of the coordinates that they own. They may differ from index to index, so that an index beyond the
 * configurations that go with them does not say that these were suggested: then history decides.
 */
import { InputError, type Space, type Values } from '@kinetune/study';
import { acceptedWalk, DRAWS, type AcceptedWalk } from './accepted-walk.ts';
import { configurationKey } from './configuration-key.ts';
import { suggestedBefore, valuesWithin } from './history-within.ts';
import type { PointEngine } from './point-engine.ts';
import type { Sampler, SuggestionRequest } from './sampler.ts';

interface SequenceSamplerOptions {
  /** The suggestion's engine, where it is not the name of the points'. */
  readonly name?: string;
  /** Why this configuration. */
  readonly reason: (request: SuggestionRequest, walk: AcceptedWalk) => string;
}

export function createSequenceSampler(engine: PointEngine, options: SequenceSamplerOptions): Sampler {
  return (request) => {
    const { space, seed, accepts, given } = request;
    const walk = acceptedWalk({ engine, space, seed, accepts, given });
    const values = walk.count === Infinity ? walk.at(request.index) : firstUnrepeated(walk, request);
    if (values === null) {
      if (walk.isListed() && walk.at(0) !== null) return null;
      throw noneAccepted(space, walk);
    }
    return {
      values,
      engine: options.name ?? engine.name,
      engineVersion: engine.version,
      reason: options.reason(request, walk),
    };
  };
}

function firstUnrepeated(walk: AcceptedWalk, { space, index, history, given }: SuggestionRequest): Values | null {
  const before = suggestedBefore(history).map((values) => valuesWithin(space, values));
  const taken = new Set(before.flatMap((values) => (values === null ? [] : [configurationKey(values)])));
  const isTaken = (values: Values): boolean => taken.has(configurationKey(values));
  const own = walk.at(index);
  if (own !== null && !isTaken(own)) return own;
  const isOtherSpace = before.includes(null);
  if (own === null && given === undefined && !isOtherSpace) return null;
  for (let rank = 0; ; rank++) {
    const other = walk.at(rank);
    if (other === null || !isTaken(other)) return other;
  }
}

function noneAccepted({ constraints = [] }: Space, walk: AcceptedWalk): InputError {
  const broken = constraints.length === 0 ? '' : ` ${constraints.join('; ')}`;
  const tried = walk.isListed()
    ? `none of the ${walk.count} configurations of the space`
    : `none of ${DRAWS.toLocaleString('en')} ${walk.at(0) === null ? '' : 'further '}draws`;
  return new InputError(
    'constraints-not-satisfied',
    `${tried} satisfies the constraints${broken}: widen the space or loosen them`,
  );
}
