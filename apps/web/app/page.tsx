import { trainingHyperparameters } from '@kinetune/models/catalogue';
import type { ReactNode } from 'react';
import { HyperparameterTable } from '../src/models/hyperparameter-table.tsx';
import { ModelAnswer } from '../src/models/model-answer.tsx';
import { ModelForm } from '../src/models/model-form.tsx';
import { readChoice, type Query } from '../src/models/read-choice.ts';

export default async function Page({ searchParams }: { readonly searchParams: Promise<Query> }): Promise<ReactNode> {
  const choice = readChoice(await searchParams);
  return (
    <>
      <h1>{choice.family.title}</h1>
      <ModelAnswer {...choice} />
      <p className="quiet">{choice.family.description}</p>
      {/* Uncontrolled fields keep what was typed across a navigation: another family is another form. */}
      <ModelForm key={choice.family.name} {...choice} />
      <HyperparameterTable
        caption={`Hyperparameters of ${choice.family.title}`}
        hyperparameters={choice.family.hyperparameters}
      />
      <HyperparameterTable caption="Hyperparameters of training" hyperparameters={trainingHyperparameters} />
    </>
  );
}
