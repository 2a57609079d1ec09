/**
 * `npm test`, the definition of good: every step runs even when one before it failed; the last line is
 * `N passed, N failed, N skipped`. Tests are counted one by one, each other step that fails counts as one failure.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findSteps } from './steps.ts';
import { runStep, type StepResult } from './run-step.ts';
import { summarise } from './summarise.ts';
import type { TestTally } from './tally-reporter.ts';

const HELP = `Usage: npm test [-- [--only <step>]... [-- <vitest's own arguments>]]

Runs every check of this workspace: native library, types, lint with import boundaries, format, dead exports, generated
files, and all tests. The last line is the count.

  --only <step>   run this step only (may be given more than once); an unknown name lists them

Environment
  KINETUNE_REQUIRE_ALL=1   a skipped test counts as failed, unless it is for recordings that are not there
  KINETUNE_TEST_DATA       the folder of recordings   (default ../shared/data)

Exit status: 0 everything passed; 1 something failed; 2 wrong usage.
`;

async function main(args: readonly string[]): Promise<number> {
  const root = resolve(import.meta.dirname, '../../..');
  let only: readonly string[];
  let vitestArguments: readonly string[];
  try {
    const options = { help: { type: 'boolean' }, only: { type: 'string', multiple: true } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
    if (values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    only = values.only ?? [];
    vitestArguments = positionals;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  const scratch = await mkdtemp(join(tmpdir(), 'kinetune-check-'));
  try {
    const tallyFile = join(scratch, 'tally.json');
    const steps = await findSteps(root, { tallyFile, vitestArguments });
    const unknown = only.filter((name) => !steps.some((step) => step.name === name));
    if (unknown.length > 0) {
      const known = steps.map((step) => step.name).join(', ');
      process.stderr.write(`There is no step ${unknown.join(', ')}; the steps are ${known}.\n`);
      return 2;
    }
    const write = (text: string) => void process.stdout.write(text);
    const results: StepResult[] = [];
    for (const step of steps) {
      if (only.length === 0 || only.includes(step.name)) results.push(await runStep(step, { root, write }));
    }
    const { lines, isGood } = summarise(results, await readTally(tallyFile), { root, env: process.env });
    process.stdout.write(`\n${lines.join('\n')}\n`);
    return isGood ? 0 : 1;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Undefined when vitest did not run, or died before it could count. */
async function readTally(file: string): Promise<TestTally | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as TestTally;
  } catch {
    return undefined;
  }
}

process.exitCode = await main(process.argv.slice(2));
