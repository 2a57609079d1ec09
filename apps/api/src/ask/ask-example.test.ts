import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findStudyByName, listTrials } from '@kinetune/storage';
import { describe, expect, it } from 'vitest';
import { workspaceRoot } from '../command-line/paths.ts';
import { serveApi } from '../testing/served-api.ts';

const EXAMPLE = join(workspaceRoot, 'examples/ask-and-tell/ask.py');
const hasPython = spawnSync('python3', ['--version']).status === 0;

describe('the ask-and-tell example', () => {
  it.skipIf(!hasPython)(
    'tunes a toy problem in plain Python (needs python3: apt-get install python3)',
    async () => {
      await using api = await serveApi();
      // Two at once: each trial is given to one of them.
      const outputs = await Promise.all(
        [0, 1].map(() => promisify(execFile)('python3', [EXAMPLE, `${api.url}/graphql`], { timeout: 110_000 })),
      );
      const lines = outputs.flatMap(({ stdout }) => stdout.trim().split('\n'));
      const study = await findStudyByName(api.db, 'ask-and-tell');
      expect(study?.state).toBe('COMPLETED');
      const trials = await listTrials(api.db, study?.id as string);
      expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 12 }, (_, number) => number));
      expect(trials.filter(({ attempts }) => attempts !== 1)).toEqual([]);
      const trained = trials.filter(({ state }) => ['COMPLETED', 'PRUNED', 'INFEASIBLE'].includes(state));
      expect(trained).toHaveLength(12);
      for (const { number, state } of trials)
        expect(lines.filter((line) => line.startsWith(`trial ${number} ${state}`))).toHaveLength(1);
      expect(
        lines.filter((line) => /ask-and-tell has no further|ask-and-tell is complete|still run/.test(line)),
      ).toHaveLength(2);
      // Better than the untrained 24.5.
      expect(Math.min(...trials.map(({ bestValue }) => bestValue ?? Infinity))).toBeLessThan(0.5);
      expect(api.hidden).toEqual([]);
    },
    120_000,
  );
});
