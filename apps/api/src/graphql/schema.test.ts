import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from './schema.ts';

describe('the schema', () => {
  it('describes every type, field, argument and value', () => {
    const bare: string[] = [];
    const look = (name: string, { description }: { readonly description?: string | null | undefined }): void => {
      if (!description?.trim()) bare.push(name);
    };
    for (const type of Object.values(schema.getTypeMap())) {
      if (type.name.startsWith('__')) continue;
      look(type.name, type);
      if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
      if (isInputObjectType(type))
        for (const field of Object.values(type.getFields())) look(`${type.name}.${field.name}`, field);
      if (!isObjectType(type) && !isInterfaceType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        look(`${type.name}.${field.name}`, field);
        for (const argument of field.args) look(`${type.name}.${field.name}(${argument.name})`, argument);
      }
    }
    expect(bare).toEqual([]);
  });

  it('answers the queries that its documentation shows', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../../docs/reading.md'), 'utf8');
    const queries = [...page.matchAll(/```graphql\n(.*?)```/gs)].map(([, query]) => query as string);
    expect(queries.length).toBeGreaterThan(2);
    for (const query of queries) expect(validate(schema, parse(query))).toEqual([]);
  });
});
