/**
 * Our engine against PyTorch, in one interleaved run: for each size every contender trains a block of steps in turn, round
 * after round, so that a machine whose speed drifts drifts for all. Prints PyTorch's best median step time divided by ours
 * (above 1: ours is faster) and keeps every block as raw JSON.
 *
 *   npm run benchmark:training -- [--sizes vit1d-19k,...] [--rounds 7] [--threads 2] [--python python3] [--dropout 0.1]
 *
 * Needs a Python with torch (`pip install torch`), named by --python.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { startContenders, type Block, type Contender } from './contender.ts';
import { sizes, type Size } from './sizes.ts';
import { median, quantile } from '../order-statistics.ts';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    threads: { type: 'string', default: '2' },
    'batch-size': { type: 'string', default: '128' },
    seed: { type: 'string', default: '1' },
    dropout: { type: 'string', default: '0.1' },
    python: { type: 'string', default: 'python3' },
    out: { type: 'string', default: join(import.meta.dirname, 'results') },
  },
});

const OURS = 'ours';
const RIVALS = { 'PyTorch eager': 'eager', 'PyTorch SDPA': 'sdpa', 'PyTorch compile': 'compile' };

interface Result {
  readonly size: string;
  readonly weights: number;
  readonly bar: number;
  readonly ratio: number;
  /** Quartiles of the round-by-round ratio. */
  readonly ratioQuartiles: readonly [number, number];
  readonly bestRival: string;
  readonly blocks: Readonly<Record<string, readonly Block[]>>;
}

const chosen = sizes.filter(({ name }) => options.sizes === undefined || options.sizes.split(',').includes(name));
if (chosen.length === 0) {
  console.error(`--sizes: expected some of ${sizes.map(({ name }) => name).join(', ')}, got ${options.sizes}`);
  process.exit(2);
}
checkPython(options.python);

const results: Result[] = [];
for (const size of chosen) {
  const result = await compare(withDropout(size, Number(options.dropout)));
  results.push(result);
  const times = Object.entries(result.blocks)
    .map(([name, blocks]) => `${name} ${median(blocks.map(({ msPerStep }) => msPerStep)).toPrecision(3)}`)
    .join(', ');
  const [low, high] = result.ratioQuartiles;
  console.log(
    `${size.name} (${result.weights.toLocaleString('en')} weights): ${result.ratio.toFixed(2)}x ${result.bestRival} ` +
      `[${low.toFixed(2)}, ${high.toFixed(2)}], bar ${result.bar.toFixed(1)}: ${result.ratio >= result.bar ? 'reached' : 'MISSED'} (ms a step: ${times})`,
  );
}

mkdirSync(options.out, { recursive: true });
const date = new Date().toISOString();
const file = join(options.out, `${date.slice(0, 19).replaceAll(':', '')}.json`);
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem(), node: process.version };
// Where Python and the results lie says nothing about the measurement, only about this machine.
const { python: _python, out: _out, ...settings } = options;
const command = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
writeFileSync(file, `${JSON.stringify({ date, command, machine, results }, null, 1)}\n`);
console.log(`raw: ${relative(process.cwd(), file)}`);

async function compare(size: Size): Promise<Result> {
  const threads = Number(options.threads);
  const specification = JSON.stringify({
    size,
    threads,
    batchSize: Number(options['batch-size']),
    seed: Number(options.seed),
  });
  const contenders: Contender[] = [
    ...startContenders([process.execPath, join(import.meta.dirname, 'ours.ts'), specification], { [OURS]: OURS }, {}),
    ...startContenders([options.python, join(import.meta.dirname, 'rival.py'), specification], RIVALS, {
      OMP_NUM_THREADS: options.threads,
    }),
  ];
  await using stack = new AsyncDisposableStack();
  contenders.forEach((contender) => stack.use(contender));

  // Two blocks warm each up: graph load, compilation, memory pools.
  for (const contender of contenders) for (const steps of [3, size.blockSteps]) await contender.run(steps);
  const blocks: Record<string, Block[]> = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const contender of contenders) blocks[contender.name]?.push(await contender.run(size.blockSteps));
  }

  const times = (name: string): number[] => (blocks[name] ?? []).map(({ msPerStep }) => msPerStep);
  const bestRival = Object.keys(RIVALS).reduce((a, b) => (median(times(a)) <= median(times(b)) ? a : b));
  const ours = times(OURS);
  const roundRatios = times(bestRival).map((time, round) => time / (ours[round] ?? NaN));
  return {
    size: size.name,
    weights: blocks[OURS]?.[0]?.weights ?? 0,
    bar: size.bar,
    ratio: median(times(bestRival)) / median(ours),
    ratioQuartiles: [quantile(roundRatios, 0.25), quantile(roundRatios, 0.75)],
    bestRival,
    blocks,
  };
}

function withDropout(size: Size, dropout: number): Size {
  if (size.family === 'cnn1d') return size;
  return { ...size, values: { ...size.values, dropout, embeddingDropout: dropout } };
}

function checkPython(python: string): void {
  try {
    execFileSync(python, ['-c', 'import torch'], { stdio: 'pipe' });
  } catch {
    console.error(
      `expected a Python with PyTorch to measure against, but \`${python} -c "import torch"\` failed.\n` +
        'Install it (`python3 -m pip install torch`, a large download) or name another with --python.',
    );
    process.exit(3);
  }
}
