/** What is known of a data set's shape before its recordings are there. */
import type { ModelShape } from '@kinetune/models/catalogue';
import type { DataSpec } from '@kinetune/study';

/** Channels and classes as the importers give them. */
const KNOWN: Readonly<Partial<Record<DataSpec['dataset'], Omit<ModelShape, 'windowLength'>>>> = {
  watch: { channelCount: 6, classCount: 7 },
  'hapt-6': { channelCount: 6, classCount: 6 },
  hapt: { channelCount: 6, classCount: 12 },
  wharf: { channelCount: 3, classCount: 14 },
  'uci-har': { channelCount: 9, classCount: 6 },
  wisdm: { channelCount: 3, classCount: 6 },
  synthetic: { channelCount: 6, classCount: 6 },
};

/** The window's length always; channels and classes of a data set of one's own as far as the study file names them. */
export function knownShape({ dataset, window, csv }: DataSpec): Partial<ModelShape> {
  return {
    windowLength: window.length,
    ...KNOWN[dataset],
    ...(csv?.channels === undefined ? {} : { channelCount: csv.channels.length }),
    ...(csv?.labels === undefined ? {} : { classCount: csv.labels.length }),
  };
}
