/** Text without U+0000, which JSON and GraphQL can write and PostgreSQL cannot keep. */
import { GraphQLError, type ASTVisitor, type ValidationContext } from 'graphql';

/** A rule of validation for what stands in the operation itself. */
export function forbidNullCharacters(context: ValidationContext): ASTVisitor {
  return {
    StringValue(node) {
      if (node.value.includes('\0')) context.reportError(refusal());
    },
  };
}

/** @throws GraphQLError for such text anywhere in variables, however deep. */
export function requirePlainVariables(variables: unknown): void {
  const left: unknown[] = [variables];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string' && value.includes('\0')) throw refusal();
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, one] of Object.entries(value)) left.push(name, one);
  }
}

function refusal(): GraphQLError {
  return new GraphQLError('expected text without the character U+0000, got some with it', {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
}
