/**
 * Constraints between hyperparameters and what follows from them, as a person writes them in a study file:
 *
 *   weightCount <= 300000        windowLength % patchSize == 0        headCount * headSize <= 2 * embeddingSize
 *   optimizer != "sgd" || momentum > 0
 *
 *   or      := and ("||" and)*                  and   := compare ("&&" compare)*
 *   compare := sum (("<=" | "<" | ">=" | ">" | "==" | "!=") sum)?
 *   sum     := term (("+" | "-") term)*         term  := unary (("*" | "/" | "%") unary)*
 *   unary   := ("-" | "!") unary | primary      primary := number | "text" | name | true | false | "(" or ")"
 *
 * A constraint that names a hyperparameter which is not active under the values at hand does not apply and holds.
 */
import { InputError, invariant } from './errors.ts';
import type { HyperparameterValue } from './hyperparameter.ts';

type Expression =
  | { readonly type: 'value'; readonly value: HyperparameterValue }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'unary'; readonly operator: string; readonly operand: Expression }
  | { readonly type: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression };

export interface Constraint {
  /** As written. */
  readonly text: string;
  /** Names it reads, each once. */
  readonly names: readonly string[];
  readonly expression: Expression;
}

/** Binary operators by how tightly they bind, loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['<=', '<', '>=', '>', '==', '!='],
  ['+', '-'],
  ['*', '/', '%'],
];
const COMPARISON_LEVEL = 2;
const MAXIMUM_DEPTH = 100;
const TOKEN =
  /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|("[^"]*"|'[^']*')|([A-Za-z]\w*)|(\|\||&&|<=|>=|==|!=|[<>+\-*/%!()]))/y;

/**
 * Parses one constraint.
 * @throws InputError with the column at which the text stops making sense.
 */
export function parseConstraint(text: string): Constraint {
  const tokens = tokenise(text);
  const names = new Set<string>();
  let position = 0;

  const fail = (expected: string): never => {
    const token = tokens[position];
    const found = token === undefined ? 'the end' : `\`${token.text}\` at column ${token.column}`;
    throw new InputError('constraint-syntax', `constraint \`${text}\`: expected ${expected}, got ${found}`);
  };
  const takeOperator = (operators: readonly string[]): string | undefined => {
    const token = tokens[position];
    if (token?.type !== 'operator' || !operators.includes(token.text)) return undefined;
    position++;
    return token.text;
  };
  const parseLevel = (level: number, depth: number): Expression => {
    if (depth > MAXIMUM_DEPTH) fail(`at most ${MAXIMUM_DEPTH} nested parentheses`);
    const operators = LEVELS[level];
    if (operators === undefined) return parseUnary(depth);
    let left = parseLevel(level + 1, depth);
    for (let operator = takeOperator(operators); operator !== undefined; operator = takeOperator(operators)) {
      left = { type: 'binary', operator, left, right: parseLevel(level + 1, depth) };
      // 1 < x < 3 means something else to people than to a left-to-right reader, so it is not accepted at all.
      if (level === COMPARISON_LEVEL) break;
    }
    return left;
  };
  const parseUnary = (depth: number): Expression => {
    const operator = takeOperator(['-', '!']);
    if (operator !== undefined) {
      if (depth > MAXIMUM_DEPTH) fail(`at most ${MAXIMUM_DEPTH} signs in a row`);
      return { type: 'unary', operator, operand: parseUnary(depth + 1) };
    }
    const token = tokens[position];
    if (token === undefined) return fail('a value or a name');
    if (takeOperator(['(']) !== undefined) {
      const inner = parseLevel(0, depth + 1);
      if (takeOperator([')']) === undefined) fail('`)`');
      return inner;
    }
    if (token.type === 'operator') return fail('a value or a name');
    position++;
    if (token.type === 'number') return { type: 'value', value: Number(token.text) };
    if (token.type === 'text') return { type: 'value', value: token.text.slice(1, -1) };
    if (token.text === 'true' || token.text === 'false') return { type: 'value', value: token.text === 'true' };
    names.add(token.text);
    return { type: 'name', name: token.text };
  };

  const expression = parseLevel(0, 0);
  if (position < tokens.length) fail('an operator or the end');
  if (!isStatement(expression)) {
    const hint = 'compare it, as in `weightCount <= 300000`';
    throw new InputError(
      'constraint-syntax',
      `constraint \`${text}\`: expected what is true or false, got a number or a text: ${hint}`,
    );
  }
  return { text, names: [...names], expression };
}

/** Whether it is true or false, as far as its form tells: a name may be either. */
function isStatement(expression: Expression): boolean {
  switch (expression.type) {
    case 'value':
      return typeof expression.value === 'boolean';
    case 'name':
      return true;
    case 'unary':
      return expression.operator === '!' && isStatement(expression.operand);
    case 'binary':
      if (['||', '&&'].includes(expression.operator))
        return isStatement(expression.left) && isStatement(expression.right);
      return LEVELS[COMPARISON_LEVEL]?.includes(expression.operator) === true;
  }
}

/**
 * Whether a constraint holds. `values` has hyperparameters under their leaf names and derived quantities
 * (`weightCount`, `windowLength`, `channelCount`, `classCount`).
 */
export function constraintHolds(
  constraint: Constraint,
  values: Readonly<Record<string, HyperparameterValue>>,
): boolean {
  if (constraint.names.some((name) => values[name] === undefined)) return true;
  return Boolean(evaluate(constraint.expression, values));
}

function evaluate(expression: Expression, values: Readonly<Record<string, HyperparameterValue>>): HyperparameterValue {
  switch (expression.type) {
    case 'value':
      return expression.value;
    case 'name':
      return values[expression.name] as HyperparameterValue;
    case 'unary': {
      const operand = evaluate(expression.operand, values);
      return expression.operator === '-' ? -Number(operand) : !operand;
    }
    case 'binary': {
      const left = evaluate(expression.left, values);
      if (expression.operator === '||') return Boolean(left) || Boolean(evaluate(expression.right, values));
      if (expression.operator === '&&') return Boolean(left) && Boolean(evaluate(expression.right, values));
      return apply(expression.operator, left, evaluate(expression.right, values));
    }
  }
}

function apply(operator: string, left: HyperparameterValue, right: HyperparameterValue): HyperparameterValue {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  const a = Number(left);
  const b = Number(right);
  switch (operator) {
    case '<=':
      return a <= b;
    case '<':
      return a < b;
    case '>=':
      return a >= b;
    case '>':
      return a > b;
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      invariant(operator === '%', `an operator of the grammar, got ${operator}`);
      return a % b;
  }
}

interface Token {
  readonly type: 'number' | 'text' | 'name' | 'operator';
  readonly text: string;
  /** 1-based. */
  readonly column: number;
}

function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  for (let position = 0; position < end; position = TOKEN.lastIndex) {
    const match = TOKEN.exec(text);
    if (match === null) {
      const column = text.length - text.slice(position).trimStart().length + 1;
      throw new InputError(
        'constraint-syntax',
        `constraint \`${text}\`: expected a value, a name or an operator, got \`${text[column - 1]}\` at column ${column}`,
      );
    }
    const index = match.slice(1).findIndex((group) => group !== undefined);
    const type = (['number', 'text', 'name', 'operator'] as const)[index];
    invariant(type !== undefined, 'a token matched one of the groups');
    const token = match[index + 1] as string;
    tokens.push({ type, text: token, column: TOKEN.lastIndex - token.length + 1 });
  }
  return tokens;
}
