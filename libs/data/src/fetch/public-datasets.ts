import type { ImportKind } from '../import/import-dataset.ts';

/** Where a data set is published. We ship none of them: their terms conflict, and each user gets them from their authors. */
export interface PublicDataset {
  readonly kind: ImportKind;
  readonly title: string;
  /** Ends in `/`; another one can be given, for a mirror. */
  readonly baseUrl: string;
  readonly fileName: string;
  /** For people, where the address has moved. */
  readonly page: string;
  readonly terms: string;
}

export const PUBLIC_DATASETS = {
  hapt: {
    kind: 'hapt',
    title: 'UCI HAPT: smartphone-based recognition of human activities and postural transitions',
    baseUrl: 'https://archive.ics.uci.edu/ml/machine-learning-databases/00341/',
    fileName: 'HAPT Data Set.zip',
    page: 'https://archive.ics.uci.edu/dataset/341/',
    terms: 'Cite the authors; copies of its readme differ on commercial use.',
  },
  'uci-har': {
    kind: 'uci-har',
    title: 'UCI HAR: human activity recognition using smartphones',
    baseUrl: 'https://archive.ics.uci.edu/ml/machine-learning-databases/00240/',
    fileName: 'UCI HAR Dataset.zip',
    page: 'https://archive.ics.uci.edu/dataset/240/',
    terms: 'Cite the authors; its readme forbids commercial use.',
  },
  wisdm: {
    kind: 'wisdm',
    title: 'WISDM activity prediction v1.1',
    baseUrl: 'https://www.cis.fordham.edu/wisdm/includes/datasets/latest/',
    fileName: 'WISDM_ar_latest.tar.gz',
    page: 'https://www.cis.fordham.edu/wisdm/dataset.php',
    terms: 'Cite the authors; share it only together with its readme.',
  },
  wharf: {
    kind: 'wharf',
    title: 'WHARF v1.2: wrist accelerometer, activities of daily living',
    baseUrl: 'https://github.com/fulviomas/WHARF/archive/',
    fileName: 'HEAD.zip',
    page: 'https://github.com/fulviomas/WHARF',
    terms: 'Described by its authors as public domain; cite them.',
  },
} as const satisfies Record<string, PublicDataset>;

export type PublicDatasetName = keyof typeof PUBLIC_DATASETS;
export const PUBLIC_DATASET_NAMES = Object.keys(PUBLIC_DATASETS) as readonly PublicDatasetName[];
