/** An inspected data set as lines for people. */
import { count, formatCount, formatDuration, formatValue } from '../terminal/format.ts';
import type { Styles } from '../terminal/styles.ts';
import { renderTable } from '../terminal/table.ts';
import { wrapText } from '../terminal/wrap-text.ts';
import type { Inspection } from './inspect-dataset.ts';

const PARTS = ['train', 'validation', 'test'] as const;

export function renderInspection(
  inspection: Inspection,
  { width, styles }: { readonly width: number; readonly styles: Styles },
): string[] {
  const { name, kind, channels, people, classes, windows, notes, split } = inspection;
  const parts = split === null ? [] : PARTS;
  const seconds = (samples: number): string => `${formatValue(samples / inspection.sampleRateHz)} s`;
  const wrapped = (text: string): string[] => wrapText(text, width, { first: '  ', rest: '    ' });
  return [
    styles.bold(`${name} (${kind})`),
    ...wrapped(
      `${count(inspection.recordings, 'recording')} of ${count(people.length, 'person', 'people')}, ${formatCount(inspection.samples)} samples at ${formatValue(inspection.sampleRateHz)} Hz (${formatDuration(inspection.seconds * 1000)})`,
    ),
    ...wrapped(`channels: ${channels.map(({ name: channel, unit }) => `${channel} (${unit})`).join(', ')}`),
    ...(inspection.citation === '' ? [] : wrapped(`cite: ${inspection.citation}`)),
    ...wrapped(`sha256 of the content: ${inspection.contentHash}`),
    '',
    styles.bold(
      `${formatCount(windows.count)} windows of ${windows.length} samples (${seconds(windows.length)}), one every ${windows.step} (${seconds(windows.step)})`,
    ),
    ...renderTable(
      [
        { title: 'class' },
        { title: 'windows', align: 'right' },
        ...parts.map((title) => ({ title, align: 'right' as const })),
      ],
      classes.map((one, index) => [
        one.name,
        formatCount(one.windows),
        ...parts.map((part) => formatCount(split?.classCounts[part][index] ?? 0)),
      ]),
      { width, title: styles.dim },
    ),
    '',
    styles.bold(split === null ? 'People, no split' : `People, split ${split.kind}${foldOf(split)}`),
    ...(split === null
      ? wrapped(`${people.map((person) => person.name).join(', ')}; ${inspection.splitProblem ?? ''}`)
      : parts.flatMap((part) => wrapped(`${part}: ${split[part].join(', ')}`))),
    ...people
      .filter((person) => person.windows < windows.count / people.length / 4)
      .flatMap((person) => wrapped(`${person.name} has few windows: ${person.windows}`)),
    ...(split?.notes ?? []).flatMap(({ message }) => wrapped(styles.warning(message))),
    ...inspection.audit.flatMap(wrapped),
    '',
    styles.bold('Notes of the import'),
    ...(notes.length === 0
      ? ['  none: everything was read']
      : notes.flatMap(({ message, count: times, examples }) =>
          wrapped(
            `${formatCount(times)} x ${message}${examples.length === 0 ? '' : ` e.g. ${examples.slice(0, 2).join(', ')}`}`,
          ),
        )),
  ];
}

function foldOf({ fold, foldCount }: NonNullable<Inspection['split']>): string {
  return fold === null ? '' : `, fold ${fold} of 0 to ${(foldCount ?? 1) - 1}`;
}
