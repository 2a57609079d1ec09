import { describe, expect, it } from 'vitest';
import { constraintHolds, parseConstraint } from './constraint.ts';

const holds = (text: string, values: Record<string, number | string | boolean> = {}): boolean =>
  constraintHolds(parseConstraint(text), values);

describe('a constraint', () => {
  it.each([
    ['weightCount <= 300000', { weightCount: 300000 }, true],
    ['weightCount <= 300000', { weightCount: 300001 }, false],
    ['windowLength % patchSize == 0', { windowLength: 128, patchSize: 5 }, false],
    ['windowLength % patchSize == 0', { windowLength: 128, patchSize: 8 }, true],
    ['a + b * c == 7', { a: 1, b: 2, c: 3 }, true],
    ['(a + b) * c == 9', { a: 1, b: 2, c: 3 }, true],
    ['a - b - c == -4', { a: 1, b: 2, c: 3 }, true],
    ['optimizer != "sgd" || momentum > 0', { optimizer: 'sgd', momentum: 0 }, false],
    ["optimizer == 'adam' && !(beta1 > beta2)", { optimizer: 'adam', beta1: 0.9, beta2: 0.99 }, true],
    ['nesterov == true', { nesterov: true }, true],
    ['learningRate < 1e-2', { learningRate: 9e-3 }, true],
    ['a < 1 || b < 1 && c < 1', { a: 0, b: 2, c: 2 }, true],
  ])('%s with %j is %s', (text, values, expected) => {
    expect(holds(text, values)).toBe(expected);
  });

  it('does not apply while a hyperparameter that it names is not active', () => {
    expect(holds('momentum > 0.5', { optimizer: 'adam' })).toBe(true);
  });

  it('knows the names that it reads, each once', () => {
    expect(parseConstraint('a * a <= b').names).toEqual(['a', 'b']);
  });

  it.each([
    ['weightCount <=', 'expected a value or a name, got the end'],
    ['a <= b <= c', 'expected an operator or the end, got `<=` at column 8'],
    ['(a < 1', 'expected `)`, got the end'],
    ['a = 1', 'expected a value, a name or an operator, got `=` at column 3'],
    ['a < 1 b', 'expected an operator or the end, got `b` at column 7'],
    ['process.exit()', 'got `.` at column 8'],
    ['', 'expected a value or a name, got the end'],
    ['dropout + 1', 'expected what is true or false, got a number or a text: compare it'],
    ['a < 1 && b * 2', 'expected what is true or false'],
    ['!(-a)', 'expected what is true or false'],
    ['('.repeat(5000), 'nested parentheses'],
    ['-'.repeat(5000), 'signs in a row'],
  ])('%s is refused with its place', (text, message) => {
    expect(() => parseConstraint(text)).toThrow(message);
  });
});
