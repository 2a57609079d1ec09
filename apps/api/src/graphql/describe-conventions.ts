/** What means the same wherever it stands is described once: inputs of mutations, and who they are about. */
import { isInputObjectType, isObjectType, type GraphQLSchema } from 'graphql';

/** By name of the field or argument. */
const CONVENTIONS: Readonly<Record<string, string>> = {
  input: 'What to do.',
  study: 'The study.',
  studyId: 'Global id of the study.',
  trial: 'The trial.',
  trialId: 'Global id of the trial.',
  lease: 'What was handed out with the trial: the right to tell of it.',
  after: 'The last cursor that was seen.',
};

/** Fills in what is not described where it stands. */
export function describeConventions(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInputObjectType(type)) {
      type.description ??= 'What a mutation is given.';
      for (const field of Object.values(type.getFields())) field.description ??= CONVENTIONS[field.name];
    }
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      field.description ??= CONVENTIONS[field.name];
      for (const argument of field.args) argument.description ??= CONVENTIONS[argument.name];
    }
  }
  return schema;
}
