import { createHash } from 'node:crypto';
import { InputError } from '@kinetune/study';
import { readEntries } from '../archive/file-source.ts';
import type { Recording } from '../recording.ts';
import { assembleDataset } from './assemble-dataset.ts';
import { ACCELERATION_CHANNELS } from './channels.ts';
import type { Importer } from './importer.ts';
import { NoteCollector } from './note-collector.ts';
import { parseNumberRows } from './parse-number-rows.ts';

export const WHARF_ACTIVITIES: readonly string[] = [
  'Brush_teeth',
  'Climb_stairs',
  'Comb_hair',
  'Descend_stairs',
  'Drink_glass',
  'Eat_meat',
  'Eat_soup',
  'Getup_bed',
  'Liedown_bed',
  'Pour_water',
  'Sitdown_chair',
  'Standup_chair',
  'Use_telephone',
  'Walk',
];

// Accelerometer-YYYY-MM-DD-hh-mm-ss-<class>-<volunteer>.txt in a folder named for the class
const TRIAL =
  /^(?<root>|.*\/)(?<folder>[^/]+)\/(?<name>Accelerometer-\d{4}(?:-\d{2}){5}-(?<activity>[a-z_]+)-(?<volunteer>[fm]\d+))\.txt$/i;
const MODELS_FOLDER = /(^|\/)MODELS\//;
const MAX_CODE = 63;

/**
 * WHARF v1.2: right wrist, acceleration alone, 32 Hz, 14 activities of daily living. A file is a trial: lines of three codes
 * 0..63, value g = −1.5 + 3 · code / 63. `MODELS/` holds cut copies of the same trials, and is left out: a trial counted
 * twice leaks from training into test.
 */
export const wharfImporter: Importer<unknown> = {
  kind: 'wharf',
  layout: 'Data/Walk/Accelerometer-2011-03-24-09-52-11-walk-f1.txt, ...',
  find(source) {
    const roots = new Map<string, string[]>();
    for (const { path } of source.entries) {
      const root = MODELS_FOLDER.test(path) ? undefined : TRIAL.exec(path)?.groups?.['root'];
      if (root === undefined) continue;
      const paths = roots.get(root) ?? [];
      roots.set(root, paths);
      paths.push(path);
    }
    return [...roots].map(([root, entryPaths]) => ({ root, entryPaths }));
  },
  async read(source, match, { contentHash }) {
    const notes = new NoteCollector();
    const ignored = source.entries.filter(
      ({ path }) => path.startsWith(match.root) && MODELS_FOLDER.test(path) && path.endsWith('.txt'),
    );
    if (ignored.length > 0) {
      notes.add('wharf-models-ignored', 'Cut copies of trials under MODELS are left out.', undefined, ignored.length);
    }
    const trials = new Set(match.entryPaths);
    for (const { path } of source.entries) {
      if (
        !path.startsWith(match.root) ||
        trials.has(path) ||
        MODELS_FOLDER.test(path) ||
        !/(^|\/)Accelerometer-[^/]*$/i.test(path)
      )
        continue;
      notes.add(
        'wharf-other-name',
        'Files named almost as trials are (Accelerometer-<six numbers of the time>-<activity>-<person>.txt); left out.',
        source.place(path),
      );
    }
    const recordings: Recording[] = [];
    const placeById = new Map<string, string>();
    const placeByContent = new Map<string, string>();
    for await (const { path, bytes } of readEntries(source, match.entryPaths)) {
      const file = source.place(path);
      const { folder, name, activity, volunteer } = TRIAL.exec(path)?.groups as Record<string, string>;
      const label = WHARF_ACTIVITIES.findIndex((known) => known.toLowerCase() === activity?.toLowerCase());
      if (label < 0) {
        throw new InputError(
          'label-unknown',
          `expected one of the activities ${WHARF_ACTIVITIES.join(', ')}, got "${activity}".`,
          { file },
        );
      }
      if (folder?.toLowerCase() !== activity?.toLowerCase()) {
        throw new InputError(
          'wharf-class-differs',
          `expected a trial of ${folder}, as the folder says, got one of ${activity}.`,
          { file },
        );
      }
      const id = (name as string).toLowerCase();
      const other = placeById.get(id);
      if (other !== undefined)
        throw new InputError('wharf-trial-twice', `expected each trial once; ${other} has the same name.`, { file });
      placeById.set(id, file);
      const digest = createHash('sha256').update(bytes).digest('hex');
      const twin = placeByContent.get(digest);
      if (twin === undefined) placeByContent.set(digest, file);
      else
        notes.add(
          'wharf-same-content',
          'Trials with the same samples as another one; both are kept, as published.',
          file,
        );
      const whole = wholeLines(bytes);
      if (whole.length < bytes.length) {
        notes.add(
          'wharf-unfinished-line',
          'Last lines without a line end; left out, as a number may be cut short there.',
          file,
        );
      }
      const samples = codesToG(parseNumberRows(whole, { columns: 3, file }), file);
      recordings.push({
        id: name as string,
        subject: (volunteer as string).toLowerCase(), // F1 and f1 are one person, and must not be on two sides of a split
        samples,
        segments: [{ start: 0, end: samples.length / 3, label }],
        facts: { activity: WHARF_ACTIVITIES[label] as string },
      });
    }
    return assembleDataset({
      kind: 'wharf',
      name: 'WHARF',
      isSynthetic: false,
      sampleRateHz: 32,
      channels: ACCELERATION_CHANNELS,
      labels: WHARF_ACTIVITIES,
      recordings,
      officialSplit: undefined,
      notes: notes.list(),
      contentHash,
      citation:
        'Bruno, Mastrogiovanni, Sgorbissa, A Public Domain Dataset for ADL Recognition Using Wrist-placed Accelerometers, RO-MAN 2014.',
    });
  },
};

/** The published counts (452,270 rows) are of finished lines; 111 files end in an unfinished one. */
function wholeLines(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.lastIndexOf(10) + 1);
}

function codesToG(codes: Float32Array, file: string): Float32Array {
  return codes.map((code, index) => {
    if (!Number.isInteger(code) || code < 0 || code > MAX_CODE) {
      throw new InputError('wharf-code', `expected codes from 0 to ${MAX_CODE}, got ${code}.`, {
        file,
        line: Math.floor(index / 3) + 1,
      });
    }
    return -1.5 + (3 * code) / MAX_CODE;
  });
}
