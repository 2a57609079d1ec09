import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');

const BOUNDARY = '@nx/enforce-module-boundaries';
const RESTRICTED = 'no-restricted-imports';

/** The rules that object when a file at `path` holds `code`. Nothing is written: the file exists for ESLint alone. */
async function rulesAgainst(path: string, code: string): Promise<readonly string[]> {
  const eslint = new ESLint({
    cwd: ROOT,
    // Rules about types need a real file, and are not in question here.
    overrideConfig: [
      {
        ...tseslint.configs.disableTypeChecked,
        languageOptions: { parserOptions: { projectService: false, project: null } },
      },
    ],
  });
  const [result] = await eslint.lintText(code, { filePath: resolve(ROOT, path) });
  const broken = result?.messages.map(({ ruleId, message }) => ruleId ?? message) ?? [];
  return [...new Set(broken)].sort();
}

describe('lint states what may import what', () => {
  // Without Nx's project graph the boundary rule passes everything with a mere warning.
  beforeAll(async () => {
    await promisify(execFile)('nx', ['show', 'projects'], { cwd: ROOT });
  });

  it.each([
    ['a library does not import a sibling above it', 'libs/study/src/x.ts', '@kinetune/data', BOUNDARY],
    ['search does not import storage', 'libs/search/src/x.ts', '@kinetune/storage', BOUNDARY],
    ['models do not import data', 'libs/models/src/x.ts', '@kinetune/data', BOUNDARY],
    ['the trainer does not import storage', 'apps/trainer/src/x.ts', '@kinetune/storage', BOUNDARY],
    ['the dashboard does not import storage', 'apps/web/src/x.ts', '@kinetune/storage', BOUNDARY],
    ['nothing imports a project by its path', 'libs/search/src/x.ts', '../../study/src/index.ts', BOUNDARY],
    ['study depends on zod and yaml alone', 'libs/study/src/x.ts', 'commander', BOUNDARY],
    ['the API does not import TensorFlow', 'apps/api/src/x.ts', '@tensorflow/tfjs-core', BOUNDARY],
    ['the API imports the catalogue of models only', 'apps/api/src/x.ts', '@kinetune/models', RESTRICTED],
    ['the API does not load TensorFlow', 'apps/api/src/x.ts', '@kinetune/models/native', RESTRICTED],
    ['the dashboard does not load TensorFlow', 'apps/web/src/x.ts', '@kinetune/models/native', RESTRICTED],
    ['TensorFlow is loaded by its loader', 'libs/models/src/x.ts', '@tensorflow/tfjs-node-gpu', RESTRICTED],
    ['study runs anywhere', 'libs/study/src/x.ts', 'node:fs', RESTRICTED],
    ['the catalogue runs anywhere', 'libs/models/src/catalogue/x.ts', 'node:fs', RESTRICTED],
    ['the catalogue is arithmetic', 'libs/models/src/catalogue/x.ts', '@tensorflow/tfjs-core', RESTRICTED],
  ])('%s', async (_rule, path, specifier, expected) => {
    const rules = await rulesAgainst(path, `import { x } from '${specifier}';\nexport const y: number = x;\n`);
    expect(rules).toContain(expected);
  });

  it.each([
    ['libs/data/src/x.ts', '@kinetune/study'],
    ['apps/api/src/x.ts', '@kinetune/storage'],
    ['apps/api/src/x.ts', '@kinetune/models/catalogue'],
    ['apps/trainer/src/x.ts', '@kinetune/models'],
    ['examples/x.ts', '@kinetune/models'],
    ['libs/models/src/x.ts', '@tensorflow/tfjs-core'],
  ])('%s may import %s', async (path, specifier) => {
    const rules = await rulesAgainst(path, `import { x } from '${specifier}';\nexport const y: number = x;\n`);
    expect(rules.filter((rule) => rule === BOUNDARY || rule === RESTRICTED)).toEqual([]);
  });

  it('an index lists its exports by name', async () => {
    expect(await rulesAgainst('libs/data/src/index.ts', "export * from './recording.ts';\n")).toContain(
      'no-restricted-syntax',
    );
  });
});
