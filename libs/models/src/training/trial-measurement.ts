/** What a trial measured at the end of an epoch, as the trainer protocol sends it. */
import type { MeasurementMessage } from '@kinetune/study';

export type TrialMeasurement = Omit<MeasurementMessage, 'type' | 'isResumable'>;
