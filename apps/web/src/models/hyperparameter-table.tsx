import type { HyperparameterDefinition } from '@kinetune/models/catalogue';
import type { ReactNode } from 'react';
import { expectation } from './read-choice.ts';

interface HyperparameterTableProps {
  readonly caption: string;
  readonly hyperparameters: readonly HyperparameterDefinition[];
}

/** What can be set, its values, and what the original study called it. */
export function HyperparameterTable({ caption, hyperparameters }: HyperparameterTableProps): ReactNode {
  return (
    <div className="frame">
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Kind</th>
            <th scope="col">Default</th>
            <th scope="col">Possible</th>
            <th scope="col">Start searching in</th>
            <th scope="col">Original name</th>
            <th scope="col">What it does</th>
          </tr>
        </thead>
        <tbody>
          {hyperparameters.map((definition) => (
            <tr key={definition.name}>
              <th scope="row">{definition.name}</th>
              <td>{definition.kind}</td>
              <td className="number">{String(definition.default)}</td>
              <td>{expectation(definition)}</td>
              <td>{searchRange(definition)}</td>
              <td>{definition.originalName ?? '–'}</td>
              <td>{definition.description}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function searchRange({ search }: HyperparameterDefinition): string {
  if (search === undefined) return '–';
  if (search.type === 'categorical') return search.choices.map(String).join(', ');
  return `${search.minimum} to ${search.maximum}${search.scale === 'log' ? ', log' : ''}`;
}
