/** Writes one attempt's measurements in batches, in order, under its fencing token. */
import { recordMeasurements, type Database, type NewMeasurement, type TrialWriter } from '@kinetune/storage';

/** Measurements that arrive within this time share a transaction. */
const BATCH_MS = 100;

export interface MeasurementWriter {
  add(measurement: NewMeasurement): void;
  /** Writes what is left. */
  flush(): Promise<void>;
}

export interface MeasurementWriterOptions {
  /** Told of each batch once it is stored. */
  readonly onWritten: (batch: readonly NewMeasurement[]) => void;
  /** The storage does not take our writes any more: the trial was claimed again or taken away. */
  readonly onRefused: (message: string) => void;
  readonly onError: (error: unknown) => void;
}

export function createMeasurementWriter(
  db: Database,
  writer: TrialWriter,
  { onWritten, onRefused, onError }: MeasurementWriterOptions,
): MeasurementWriter {
  let batch: NewMeasurement[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const taken = batch;
    batch = [];
    if (taken.length > 0) {
      writing = writing.then(async () => {
        const result = await recordMeasurements(db, writer, taken);
        if (result.outcome === 'written') onWritten(taken);
        else onRefused(result.message);
      });
      writing.catch(onError);
    }
    return writing;
  };
  return {
    add(measurement) {
      batch.push(measurement);
      timer ??= setTimeout(() => void flush().catch(() => {}), BATCH_MS);
    },
    flush,
  };
}
