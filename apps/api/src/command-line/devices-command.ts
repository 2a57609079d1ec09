/** `kinetune devices`: what this machine trains on, how it is divided into slots, and which division trains more. */
import { loadavg } from 'node:os';
import { Command, Option } from 'commander';
import { trainerCommand } from '../agent/trainer-command.ts';
import { findDevices, type Devices } from '../devices/find-devices.ts';
import type { Gpu } from '../devices/gpu.ts';
import { judgeDivisions } from '../devices/judge-divisions.ts';
import {
  EPOCHS_OF_A_TRIAL,
  measureDivisions,
  type Division,
  type MeasuredDivision,
} from '../devices/measure-division.ts';
import { count, formatBytes, formatPercent } from '../terminal/format.ts';
import { renderTable } from '../terminal/table.ts';
import { addCommonOptions } from './common-options.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { listenForInterruption } from './interruption.ts';
import type { Output, OutputFlags } from './output.ts';
import { workspaceRoot } from './paths.ts';
import { runCommand } from './run-command.ts';
import { addSlotOptions, type SlotFlags } from './work-options.ts';

interface DevicesFlags extends OutputFlags, SlotFlags {
  readonly measure?: boolean;
}

export function devicesCommand(): Command {
  const command = addSlotOptions(
    new Command('devices').description('what this machine trains on, and how it is divided into slots'),
  ).addOption(
    new Option(
      '--measure',
      'train for about a minute, and say which division of the processors trains more trials an hour',
    ),
  );
  return addCommonOptions(command)
    .addHelpText(
      'after',
      `
GPUs are found by nvidia-smi, as far as CUDA_VISIBLE_DEVICES allows; without any, trials train on the processors that
this process may use (limits of containers are heeded), one thread each: docs/devices.md says why.

Examples:
  kinetune devices
  kinetune devices --slots-per-gpu 2
  kinetune devices --measure`,
    )
    .action((flags: DevicesFlags) => runCommand(flags, (output) => devices(flags, output)));
}

async function devices({ measure, ...flags }: DevicesFlags, output: Output): Promise<number> {
  using interruption = listenForInterruption();
  const found = await findDevices(flags);
  output.result(describe(found, output));
  if (measure !== true) {
    output.json(found);
    return EXIT_CODES.ok;
  }
  const [load = 0] = loadavg();
  if (load > found.cores / 4)
    output.warn(
      `Other work keeps this machine busy (load ${load.toFixed(1)} on ${count(found.cores, 'processor')}): what follows says little of it when it is idle.`,
    );
  const measured = await measureDivisions({
    command: trainerCommand(workspaceRoot),
    divisions: divisionsOf(found.cores),
    signal: interruption.stop,
    onRun: (division, round) => output.note(`Training with ${wordsOf(division)}, round ${round + 1} ...`),
  }).catch((error: unknown) => {
    if (interruption.stop.aborted) return undefined;
    throw error;
  });
  if (measured === undefined) return interruption.exitCode();
  output.result(describeMeasured(measured, found, output));
  output.json({ ...found, measured, ...judgeDivisions(measured) });
  return EXIT_CODES.ok;
}

/** All threads to one slot, and one thread to each. */
function divisionsOf(cores: number): readonly Division[] {
  const apart = { slots: cores, threads: 1 };
  return cores === 1 ? [apart] : [{ slots: 1, threads: cores }, apart];
}

function describe({ gpus, cores, slots, remarks }: Devices, { width, resultStyles }: Output): readonly string[] {
  const counted = [...Map.groupBy(slots, ({ device }) => device)].map(
    ([device, same]) => `  ${same.length} x ${device}`,
  );
  return [
    `${count(cores, 'processor')}, ${count(gpus.length, 'GPU')}`,
    ...(gpus.length === 0 ? [] : renderTable(GPU_COLUMNS, gpus.map(gpuRow), { width, title: resultStyles.bold })),
    ...remarks.map((remark) => `  ${remark}`),
    '',
    count(slots.length, 'slot'),
    ...counted,
  ];
}

const GPU_COLUMNS = [
  { title: 'GPU', align: 'right' },
  { title: 'name' },
  { title: 'memory in use', align: 'right' },
  { title: 'utilisation', align: 'right' },
  { title: 'driver' },
  { title: 'UUID' },
] as const;

function gpuRow({ index, name, memoryTotalBytes, memoryUsedBytes, utilisation, driverVersion, uuid }: Gpu): string[] {
  const bytes = (number: number | null): string => (number === null ? '-' : formatBytes(number));
  const memory = `${bytes(memoryUsedBytes)} of ${bytes(memoryTotalBytes)}`;
  return [String(index), name, memory, formatPercent(utilisation), driverVersion ?? '-', uuid];
}

function describeMeasured(
  measured: readonly MeasuredDivision[],
  { cores }: Devices,
  { width, resultStyles }: Output,
): readonly string[] {
  const { best, isClear } = judgeDivisions(measured);
  const rows = measured.map(({ trialsPerHour, epochsPerSecond, ...division }) => [
    wordsOf(division),
    trialsPerHour.toFixed(0),
    epochsPerSecond.map((rate) => rate.toFixed(2)).join(', '),
  ]);
  const columns = [
    { title: 'division' },
    { title: 'trials an hour', align: 'right' },
    { title: 'epochs a second, each round', align: 'right' },
  ] as const;
  return [
    '',
    `The quick start's model on synthetic recordings, trials of ${EPOCHS_OF_A_TRIAL} epochs:`,
    ...renderTable(columns, rows, { width, title: resultStyles.bold }),
    '',
    adviceOf(best, { isClear, cores }),
  ];
}

function adviceOf({ slots, threads }: Division, { isClear, cores }: { isClear: boolean; cores: number }): string {
  if (cores === 1) return 'One processor can be divided in one way only.';
  if (!isClear)
    return 'The rounds overlap: no division is clearly the faster here. One thread each, the default, gives the same numbers to the last bit wherever a trial trains.';
  if (threads === 1) return `${count(slots, 'slot')} of one thread train more trials an hour: that is the default.`;
  return `One slot of ${threads} threads trains more trials an hour: --slots 1 --threads-per-slot ${threads}. Numbers then depend on the threads in their last digits; one thread each, the default, avoids that.`;
}

function wordsOf({ slots, threads }: Division): string {
  return `${count(slots, 'slot')} x ${count(threads, 'thread')}`;
}
