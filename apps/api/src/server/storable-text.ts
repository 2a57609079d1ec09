/** Text that JSON and GraphQL can write and PostgreSQL cannot keep: refused before any resolver sees it. */
import { isStorableText } from '@kinetune/study';
import { GraphQLError, type ASTVisitor, type ValidationContext } from 'graphql';

/** A rule of validation for what stands in the operation itself. */
export function forbidUnstorableText(context: ValidationContext): ASTVisitor {
  return {
    StringValue(node) {
      if (!isStorableText(node.value)) context.reportError(refusal());
    },
  };
}

/** @throws GraphQLError for such text anywhere in variables, however deep. */
export function requireStorableVariables(variables: unknown): void {
  const left: unknown[] = [variables];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string' && !isStorableText(value)) throw refusal();
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, one] of Object.entries(value)) left.push(name, one);
  }
}

function refusal(): GraphQLError {
  return new GraphQLError(
    'expected text without the character U+0000 and without halves of characters, got some with it',
    {
      extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
    },
  );
}
