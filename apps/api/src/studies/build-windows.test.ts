import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cutWindows } from '@kinetune/data';
import { dataSpec, InputError } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { buildWindows } from './build-windows.ts';
import { readRecordings } from './locate-recordings.ts';

const synthetic = dataSpec.parse({
  dataset: 'synthetic',
  synthetic: { people: 6, minutesPerPerson: 1 },
  split: { kind: 'group-k-fold', folds: 3 },
});

describe('windows built on a thread', () => {
  it('are those that the process itself would cut', async () => {
    const built = await buildWindows({ spec: synthetic, path: null }, new AbortController().signal);
    expect(built).toEqual(cutWindows(await readRecordings(synthetic, null), synthetic.window));
  });

  it('end in the same refusal, which names file and line, and when they are asked to', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'kinetune-windows-'));
    const path = join(folder.path, 'recordings.csv');
    writeFileSync(path, 'subject,label,x\na,walk,1\na,walk,one\n');
    const spec = dataSpec.parse({ ...synthetic, dataset: 'csv', synthetic: undefined, path, csv: { channels: ['x'] } });
    const refusal = (await readRecordings(spec, path).catch((error: unknown) => error)) as InputError;
    const request = { spec, path };
    const built = await buildWindows(request, new AbortController().signal).catch((error: unknown) => error);
    expect(built).toBeInstanceOf(InputError);
    expect(built).toMatchObject({ code: refusal.code, message: refusal.message });
    expect(refusal.message).toContain(`${path}:`);
    await expect(buildWindows(request, AbortSignal.abort())).rejects.toMatchObject({ code: 'stopped' });
  });
});
