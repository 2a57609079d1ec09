/**
 * How large an operation is once its fragments are written out, counted before it is validated further or run. The complexity limit
 * of the schema counts what the data costs; this counts what reading the operation itself costs, and asking for the schema.
 */
import {
  GraphQLError,
  Kind,
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/** Words, names and signs of a document. */
export const MOST_TOKENS = 10_000;
/** Fields below `__schema` and `__type`; what tools ask for to know a whole schema has about 130. */
const MOST_INTROSPECTION_FIELDS = 300;

/** A rule of validation: the schema may be asked for by who may ask for data, but not many times over in one operation. */
export function limitIntrospection(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      const fields = countIntrospection(context.getDocument(), operation);
      if (fields > MOST_INTROSPECTION_FIELDS)
        context.reportError(
          new GraphQLError(
            `expected at most ${MOST_INTROSPECTION_FIELDS} fields of the schema's description in one operation, got ${fields}: ask for it once, or read schema.graphql`,
            { nodes: operation, extensions: { code: 'OPERATION_TOO_COSTLY' } },
          ),
        );
    },
  };
}

/** How many fields of its root type an operation runs, aliases and fragments counted each time. */
export function countRootFields(document: DocumentNode, operation: OperationDefinitionNode): number {
  return measure(document, operation.selectionSet, { isDeep: false, isCounted: () => true });
}

function countIntrospection(document: DocumentNode, operation: OperationDefinitionNode): number {
  return measure(document, operation.selectionSet, { isDeep: true, isCounted: (name) => name.startsWith('__') });
}

interface Measure {
  /** Whether what is below a counted field counts too. */
  readonly isDeep: boolean;
  readonly isCounted: (name: string) => boolean;
}

function measure(document: DocumentNode, root: SelectionSetNode, { isDeep, isCounted }: Measure): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  // A fragment that is spread twice counts twice and is walked once; one that contains itself, which validation refuses, counts 0.
  const counts = { counting: new Map<SelectionSetNode, number>(), looking: new Map<SelectionSetNode, number>() };
  const walk = (set: SelectionSetNode, isCounting: boolean): number => {
    const known = counts[isCounting ? 'counting' : 'looking'];
    const earlier = known.get(set);
    if (earlier !== undefined) return earlier;
    known.set(set, 0);
    let count = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const isIn = isCounting || isCounted(selection.name.value);
        if (isIn) count++;
        if (isDeep && selection.selectionSet !== undefined) count += walk(selection.selectionSet, isIn);
      } else {
        const next =
          selection.kind === Kind.INLINE_FRAGMENT
            ? selection.selectionSet
            : fragments.get(selection.name.value)?.selectionSet;
        if (next !== undefined) count += walk(next, isCounting);
      }
    }
    known.set(set, count);
    return count;
  };
  return walk(root, false);
}
