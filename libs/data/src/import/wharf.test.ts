import { describe, expect, it } from 'vitest';
import type { Dataset } from '../recording.ts';
import { describeDataset } from '../testing/describe-dataset.ts';
import { makeZip } from '../testing/make-zip.ts';
import { scratchFolder } from '../testing/scratch-folder.ts';
import { importDataset } from './import-dataset.ts';

const trial = (rest: string, activity = 'Walk'): string =>
  `Data/${activity}/Accelerometer-2011-03-24-09-52-${rest}.txt`;
const WALK = trial('11-walk-f1');
const rows = (count: number): string => Array.from({ length: count }, (_, n) => `${n % 64} 63 0\n`).join('');

async function importFiles(files: Readonly<Record<string, string>>): Promise<Dataset> {
  await using folder = await scratchFolder();
  const entries = Object.entries(files).map(([name, content]) => ({ name, content }));
  return await importDataset(await folder.write('wharf.zip', makeZip(entries)));
}

describe('the WHARF importer', () => {
  describeDataset('a small WHARF', () =>
    importFiles({ [WALK]: rows(40), [trial('12-eat_soup-m2', 'Eat_soup')]: rows(30) }),
  );

  it('makes a trial a recording, and g of codes', async () => {
    const dataset = await importFiles({ [WALK]: '0 63 42\r\n21 0 63\r\n' });
    expect(dataset).toMatchObject({ sampleRateHz: 32, notes: [] });
    expect(dataset.recordings[0]).toMatchObject({ subject: 'f1', segments: [{ start: 0, end: 2, label: 13 }] });
    expect([...(dataset.recordings[0]?.samples ?? [])]).toEqual([-1.5, 1.5, 0.5, -0.5, -1.5, 1.5]);
  });

  it('takes F1 and f1 for one person, who could else be on both sides of a split', async () => {
    const dataset = await importFiles({ [WALK]: rows(4), [trial('12-walk-F1')]: rows(5) });
    expect(new Set(dataset.recordings.map(({ subject }) => subject))).toEqual(new Set(['f1']));
  });

  it('leaves out the cut copies under MODELS and files with almost the name of a trial, each with a note', async () => {
    const dataset = await importFiles({
      [WALK]: rows(4),
      [WALK.replace('Data/', 'Data/MODELS/')]: rows(4),
      [trial('11-walk-x1')]: rows(4),
      'Data/Walk/Accelerometer-2011-03-24-walk-f1.txt': rows(4),
    });
    expect(dataset.recordings).toHaveLength(1);
    expect(dataset.notes).toMatchObject([
      { code: 'wharf-models-ignored', count: 1 },
      { code: 'wharf-other-name', count: 2 },
    ]);
  });

  it('leaves out a last line without an end, with a note, as its number may be cut', async () => {
    const dataset = await importFiles({ [WALK]: rows(4) + '1 2 3' });
    expect(dataset.recordings[0]?.samples).toHaveLength(12);
    expect(dataset.notes).toMatchObject([{ code: 'wharf-unfinished-line', count: 1 }]);
  });

  it.each([
    ['a code above 63', { [WALK]: rows(2) + '1 2 64\n' }, 'wharf-code', `${WALK}:3:`],
    ['a code below 0', { [WALK]: rows(2) + '1 -2 4\n' }, 'wharf-code', `${WALK}:3:`],
    ['half a code', { [WALK]: rows(2) + '1 2.5 4\n' }, 'wharf-code', `${WALK}:3:`],
    ['NaN', { [WALK]: rows(2) + 'nan 2 4\n' }, 'not-a-number', `${WALK}:3:`],
    ['an empty line', { [WALK]: rows(2) + '\n' + rows(2) }, 'row-width', `${WALK}:3:`],
    ['an empty trial', { [WALK]: '' }, 'file-empty', WALK],
    ['an unknown activity', { [trial('11-fly-f1', 'Fly')]: rows(2) }, 'label-unknown', '-fly-f1.txt'],
    ['another activity than the folder', { [trial('11-drink_glass-f1')]: rows(2) }, 'wharf-class-differs', 'of Walk'],
    [
      'a trial twice, by case',
      { [WALK]: rows(2), [trial('11-Walk-f1')]: rows(3) },
      'wharf-trial-twice',
      'has the same name',
    ],
  ])('refuses %s, naming archive, entry and line', async (_, files, code, place) => {
    await expect(importFiles(files)).rejects.toMatchObject({
      name: 'InputError',
      code,
      message: expect.stringContaining(place) as string,
    });
  });
});
