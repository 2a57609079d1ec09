/** Which fields may stand where in a study file, for suggesting the one that was meant. */

/** As much of a JSON schema as names fields. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** Names of the fields under a path, those of every alternative; none where any name may stand. */
export function fieldsAt(schema: JsonSchema, path: readonly PropertyKey[]): readonly string[] {
  const [key, ...rest] = path;
  const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const here = alternatives.flatMap((one) => fieldsAt(one, path));
  if (key === undefined) return [...new Set([...Object.keys(schema.properties ?? {}), ...here])];
  const { properties = {}, additionalProperties, items } = schema;
  const below =
    typeof key === 'number'
      ? items
      : Object.hasOwn(properties, key)
        ? properties[key as string]
        : typeof additionalProperties === 'object'
          ? additionalProperties
          : undefined;
  return [...new Set([...(below === undefined ? [] : fieldsAt(below, rest)), ...here])];
}
