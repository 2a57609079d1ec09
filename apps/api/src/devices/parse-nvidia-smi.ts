/** What `nvidia-smi` prints, read. */
import type { Gpu } from './gpu.ts';

const MEBIBYTE = 1024 * 1024;

export interface Card {
  readonly gpu: Gpu;
  /** Its parts alone can be computed on, the card itself cannot. */
  readonly isDivided: boolean;
}

export interface ParsedGpus {
  readonly cards: readonly Card[];
  /** Lines that describe no card, such as that of one which is lost. */
  readonly unread: readonly string[];
}

/**
 * The lines of `--query-gpu=index,uuid,name,memory.total,memory.used,utilization.gpu,driver_version[,mig.mode.current]`
 * without header and units. Memory is in MiB, utilisation in percent; `[N/A]`, `[Unknown Error]` and the like are null.
 */
export function parseGpus(text: string, { hasMig }: { readonly hasMig: boolean }): ParsedGpus {
  const cards: Card[] = [];
  const unread: string[] = [];
  const tail = hasMig ? 5 : 4;
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '') continue;
    const fields = line.split(',').map((field) => field.trim());
    const [index = '', uuid = ''] = fields;
    if (fields.length < 3 + tail || !/^\d+$/.test(index) || !uuid.startsWith('GPU-')) {
      unread.push(line);
      continue;
    }
    const [total, used, utilisation, driver = '', mig = ''] = fields.slice(-tail);
    const percent = numberOf(utilisation);
    cards.push({
      gpu: {
        uuid,
        index: Number(index),
        name: fields.slice(2, -tail).join(', '),
        driverVersion: /^\d/.test(driver) ? driver : null,
        memoryTotalBytes: bytesOf(total),
        memoryUsedBytes: bytesOf(used),
        utilisation: percent === null ? null : Math.min(1, percent / 100),
      },
      isDivided: mig === 'Enabled',
    });
  }
  return { cards, unread };
}

/** Puts the parts that `nvidia-smi -L` lists in the place of the cards that are divided. */
export function divideByMig(
  cards: readonly Card[],
  listing: string,
): { readonly gpus: readonly Gpu[]; readonly remarks: readonly string[] } {
  const parts = partsByCard(listing);
  const remarks: string[] = [];
  const gpus = cards.flatMap(({ gpu, isDivided }) => {
    if (!isDivided) return [gpu];
    const own = parts.get(gpu.index) ?? [];
    if (own.length === 0)
      remarks.push(
        `GPU ${gpu.index} (${gpu.name}) is in MIG mode without an instance, so nothing can run on it: create one (nvidia-smi mig -cgi ... -C), or leave the mode (nvidia-smi -i ${gpu.index} -mig 0)`,
      );
    // The driver reports memory and utilisation of the card; those of a part are not known by this way.
    return own.map(({ profile, uuid }) => ({
      ...gpu,
      uuid,
      name: `${gpu.name} MIG ${profile}`,
      memoryTotalBytes: null,
      memoryUsedBytes: null,
      utilisation: null,
    }));
  });
  return { gpus, remarks };
}

function partsByCard(listing: string): Map<number, { readonly profile: string; readonly uuid: string }[]> {
  const parts = new Map<number, { readonly profile: string; readonly uuid: string }[]>();
  let index: number | undefined;
  for (const line of listing.split('\n')) {
    const card = /^\s*GPU (\d+):/.exec(line);
    if (card !== null) index = Number(card[1]);
    const part = /^\s*MIG (\S+)\s+Device\s+\d+:\s+\(UUID: (MIG-[^)]+)\)/.exec(line);
    if (part === null || index === undefined) continue;
    const [, profile = '', uuid = ''] = part;
    parts.set(index, [...(parts.get(index) ?? []), { profile, uuid }]);
  }
  return parts;
}

function numberOf(field: string | undefined): number | null {
  return field !== undefined && /^\d+(\.\d+)?$/.test(field) ? Number(field) : null;
}

function bytesOf(field: string | undefined): number | null {
  const mebibytes = numberOf(field);
  return mebibytes === null ? null : Math.round(mebibytes * MEBIBYTE);
}
