import { modelFamilies, type HyperparameterDefinition } from '@kinetune/models/catalogue';
import type { ReactNode } from 'react';
import { expectation, SHAPE_FIELDS, type Choice } from './read-choice.ts';

/** A plain GET form: the address holds the whole choice, and the page works without scripts. */
export function ModelForm({ family, values, shape }: Choice): ReactNode {
  return (
    <form method="get">
      <fieldset>
        <legend>Model and window</legend>
        <label>
          <span>Family</span>
          <select name="family" defaultValue={family.name}>
            {modelFamilies.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {SHAPE_FIELDS.map(({ name, title, unit }) => (
          <label key={name}>
            <span>
              {title}
              {unit === undefined ? null : <small> {unit}</small>}
            </span>
            <input name={name} inputMode="numeric" defaultValue={shape[name]} />
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>Hyperparameters</legend>
        {family.hyperparameters.map((definition) => (
          <HyperparameterField
            key={`${family.name}/${definition.name}`}
            definition={definition}
            value={values[definition.name]}
          />
        ))}
      </fieldset>
      <button type="submit">Count weights</button>
    </form>
  );
}

interface HyperparameterFieldProps {
  readonly definition: HyperparameterDefinition;
  readonly value: string | number | boolean | undefined;
}

function HyperparameterField({ definition, value }: HyperparameterFieldProps): ReactNode {
  const { name, domain, unit, description } = definition;
  const shown = String(value ?? definition.default);
  return (
    <label title={`${description} (${expectation(definition)})`}>
      <span>
        {name}
        {unit === undefined ? null : <small> {unit}</small>}
      </span>
      {domain.type === 'categorical' ? (
        <select name={name} defaultValue={shown}>
          {domain.choices.map((choice) => (
            <option key={String(choice)}>{String(choice)}</option>
          ))}
        </select>
      ) : (
        <input name={name} defaultValue={shown} />
      )}
    </label>
  );
}
