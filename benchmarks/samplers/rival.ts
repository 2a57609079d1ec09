/** Optuna's samplers behind `rival.py`: one Python process, one study at a time, lines of JSON. */
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EnvironmentError, parseName, type Space } from '@kinetune/study';
import type { ObservedConfiguration } from '@kinetune/search';
import type { AskTell, Asked } from './ask-tell.ts';
import type { Rival } from './study-spec.ts';

export interface RivalStudyOptions {
  readonly space: Space;
  readonly seed: number;
  /** Results that the study begins with. */
  readonly observed?: readonly ObservedConfiguration[];
}

export interface RivalProcess extends AsyncDisposable {
  start(name: Rival, options: RivalStudyOptions): Promise<AskTell>;
}

/** Suggestions are timed, and run beside each other: one thread each. */
const ONE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };

export function startRivalProcess(python: string): RivalProcess {
  const child = spawn(python, ['-W', 'ignore', join(import.meta.dirname, 'rival.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...ONE_THREAD },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // A process that ended is reported by the answer that does not come.
  child.stdin.on('error', () => undefined);
  const exchange = async <T>(request: unknown): Promise<T> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done === true) {
      throw new EnvironmentError('rival', `${python} rival.py ended before it answered; its own message is above`);
    }
    return JSON.parse(value) as T;
  };

  return {
    async start(name, { space, seed, observed = [] }) {
      const hyperparameters = space.hyperparameters
        .map(({ name: full, domain }) => ({ name: full, domain, conditions: parseName(full).conditions }))
        .sort((a, b) => a.conditions.length - b.conditions.length);
      const past = observed.map(({ values, objective }) => ({ values, value: objective }));
      await exchange({ start: { sampler: name.replace('optuna-', ''), seed, space: hyperparameters, past } });
      return {
        ask: (count) => exchange<{ asked: Asked[]; ms: number[] }>({ ask: count }),
        async tell(told) {
          await exchange({
            tell: told.map(({ number, value }) => ({ number, value: Number.isFinite(value) ? value : null })),
          });
        },
      };
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}

/**
 * The version of the Python's Optuna.
 *
 * @throws EnvironmentError when there is no such Python, or no Optuna 5 in it.
 */
export function checkOptuna(python: string): string {
  let printed: string;
  try {
    const check = 'import optuna, scipy, torch; print(optuna.__version__)';
    printed = execFileSync(python, ['-W', 'ignore', '-c', check], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch (error) {
    const { stderr, code } = error as { readonly stderr?: string; readonly code?: string };
    const reason = code === 'ENOENT' ? 'there is no such program' : (stderr ?? '').trim().split('\n').at(-1);
    throw new EnvironmentError(
      'no-optuna',
      `expected a Python with optuna 5, scipy and torch to measure against, but \`${python} -c "import optuna, scipy, torch"\` ` +
        `failed: ${reason}\nInstall them (\`python3 -m pip install "optuna>=5,<6" scipy torch\`) or name another Python with --python.`,
    );
  }
  if (!printed.startsWith('5.')) {
    throw new EnvironmentError(
      'optuna-version',
      `expected optuna 5 (the bars are measured against it, and rival.py builds on its internals), got ${printed} from ${python}.\n` +
        'Install it (`python3 -m pip install "optuna>=5,<6"`) or name another Python with --python.',
    );
  }
  return printed;
}
