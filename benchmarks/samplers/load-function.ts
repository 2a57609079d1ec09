/** Functions by name: ours, and those that a user puts in a file of their own. */
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { didYouMean, InputError } from '@kinetune/study';
import type { BenchmarkFunction } from './benchmark-function.ts';
import { FUNCTIONS } from './functions.ts';

const EXPECTED =
  'a file that exports `benchmarkFunction` with { name, space, evaluate(values), minimum?, optimum? } as benchmark-function.ts describes it ' +
  '(functions.ts has examples)';

/** @throws InputError when there is no such file, or it exports no function to compare samplers on. */
export async function loadFunction(file: string): Promise<BenchmarkFunction> {
  const path = resolve(file);
  if (!existsSync(path))
    throw new InputError('benchmark-function', `--function: expected ${EXPECTED}, found no ${file}`);
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError('benchmark-function', `--function: ${basename(file)} cannot be loaded: ${reason}`);
  }
  const found = (exported['benchmarkFunction'] ?? exported['default']) as Partial<BenchmarkFunction> | undefined;
  const problem = found === undefined ? `exports ${Object.keys(exported).join(', ') || 'nothing'}` : problemOf(found);
  if (problem !== undefined) {
    throw new InputError('benchmark-function', `--function: expected ${EXPECTED}; ${basename(file)} ${problem}`);
  }
  return found as BenchmarkFunction;
}

/** @throws InputError when neither we nor the files know the name. */
export async function findFunction(name: string, files: readonly string[]): Promise<BenchmarkFunction> {
  const known = [...FUNCTIONS, ...(await Promise.all(files.map(loadFunction)))];
  const found = known.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const names = known.map((candidate) => candidate.name);
  throw new InputError(
    'benchmark-function',
    `--functions: expected some of ${names.join(', ')}, got ${name}.${didYouMean(name, names)}`,
  );
}

function problemOf({ name, space, evaluate, minimum }: Partial<BenchmarkFunction>): string | undefined {
  if (typeof name !== 'string' || name === '') return 'gives it no name';
  if (FUNCTIONS.some((ours) => ours.name === name)) return `names it ${name}, which is taken`;
  if (typeof evaluate !== 'function') return 'has no evaluate(values)';
  if (minimum !== undefined && !Number.isFinite(minimum)) return `has the minimum ${String(minimum)}`;
  if (!Array.isArray(space?.hyperparameters) || space.hyperparameters.length === 0)
    return 'has no space.hyperparameters';
  return undefined;
}
