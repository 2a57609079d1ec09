/** The training state in and out of the graph's variables. */
import { InputError } from '@kinetune/study';
import type { GraphSession } from './graph-session.ts';
import type { GraphVariable } from './graph-variables.ts';
import type { TrainingGraph } from './training-graph.ts';
import { assertSameArrays, type NamedArray, type TrainingState } from './training-state.ts';

interface OpenGraph {
  readonly graph: TrainingGraph;
  readonly session: GraphSession;
}

type Part = 'weights' | 'optimizer' | 'average';

interface StateEntry {
  readonly part: Part;
  readonly name: string;
  readonly variable: GraphVariable;
}

export function exportVariables({ graph, session }: OpenGraph, step: number): TrainingState {
  const entries = stateEntries(graph);
  const fetches = entries.map(({ variable }) => variable.value);
  const values = session.run([], fetches) as Float32Array[];
  const parts = {
    weights: new Map<string, NamedArray>(),
    optimizer: new Map<string, NamedArray>(),
    average: new Map<string, NamedArray>(),
  };
  entries.forEach(({ part, name, variable }, i) =>
    parts[part].set(name, { shape: variable.shape, values: values[i] as Float32Array }),
  );
  return { step, ...parts };
}

/** Throws an `InputError`, with nothing changed, if the state is not of this graph's model and optimizer. */
export function importVariables({ graph, session }: OpenGraph, state: TrainingState): void {
  if (!(Number.isSafeInteger(state.step) && state.step >= 0)) {
    throw new InputError('state', `A state is that after a whole number of steps from 0 on, got ${state.step}`);
  }
  const entries = stateEntries(graph);
  for (const part of ['weights', 'optimizer', 'average'] as const) {
    const wanted = entries
      .filter((entry) => entry.part === part)
      .map(({ name, variable }) => [name, variable.shape] as const);
    assertSameArrays(part, new Map(wanted), state[part]);
  }
  const feeds = entries.map(({ part, name, variable }) => ({
    name: variable.feed,
    shape: variable.shape,
    values: state[part].get(name)?.values as Float32Array,
  }));
  session.run(feeds, [graph.assignState]);
}

function stateEntries({ variables }: TrainingGraph): StateEntry[] {
  const entries = (part: Part, group: ReadonlyMap<string, GraphVariable>, prefix = ''): StateEntry[] =>
    [...group].map(([name, variable]) => ({ part, name: `${prefix}${name}`, variable }));
  return [
    ...entries('weights', variables.weights),
    ...[...variables.slots].flatMap(([slot, group]) => entries('optimizer', group, `${slot}/`)),
    ...entries('average', variables.average),
  ];
}
