/** How a CSV of one's own is read: the `data.csv` of a study file, and the options of `kinetune data inspect`. */
import { z } from 'zod';

const columns = z.array(z.string().min(1)).min(1);

/** Without defaults: what a CSV lacks is the importer's to say, and a header `time,x,y,z,label,subject` needs no option. */
export const csvSpec = z.strictObject({
  time: z.string().optional().describe('Column with the time: `time`, unless there is none and sampleRateHz is given.'),
  timeUnit: z
    .enum(['s', 'ms', 'us', 'ns'])
    .optional()
    .describe('Unit of a time in numbers; s unless stated. ISO 8601 time stamps need none.'),
  channels: columns.optional().describe('Columns with the signals, in order; without it all that nothing else is.'),
  label: z
    .string()
    .optional()
    .describe('Column with the activity; `label` unless stated. An empty cell is unlabelled.'),
  labels: columns.optional().describe('The labels there may be, in order; without it those in the file, sorted.'),
  subject: z
    .string()
    .optional()
    .describe("Column with the person; `subject` unless stated. Without such a column each file's name is a person."),
  recording: z
    .string()
    .optional()
    .describe('Column that tells recordings apart; without it a change of person or a gap does.'),
  accelerationUnit: z.enum(['g', 'm/s2']).optional().describe('Unit in the file; g unless stated.'),
  angularVelocityUnit: z.enum(['rad/s', 'deg/s']).optional().describe('Unit in the file; rad/s unless stated.'),
  sampleRateHz: z
    .number()
    .positive()
    .optional()
    .describe('Resample to this rate; without it the median rate of the time column.'),
  flip: columns.optional().describe('Channels to negate, of a sensor whose axes point the other way.'),
  delimiter: z.string().length(1).optional().describe('Without it the one of comma, semicolon and tab that fits.'),
  maxGapSamples: z
    .number()
    .min(1)
    .optional()
    .describe('A step in time of more than this many samples ends a recording; 5 unless stated.'),
});
export type CsvSpec = z.infer<typeof csvSpec>;
