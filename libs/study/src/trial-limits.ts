/** How long a trial may take, and how long its trainer may be silent. */
import { z } from 'zod';

/** Timers of Node.js count no more than 24 days. */
const WEEK = 7 * 24 * 60;
const minutes = z.number().positive();

export const trialLimits = z
  .strictObject({
    trialMinutes: minutes
      .max(52 * WEEK)
      .optional()
      .describe(
        'A trial that trains longer, over all of its attempts, is stopped and infeasible; a week unless stated.',
      ),
    silenceMinutes: minutes
      .max(WEEK)
      .optional()
      .describe(
        'A trainer that says nothing for so long is taken as hung, ended, and its trial tried again; default 5.',
      ),
  })
  .describe('How long a trial may take, and how long its trainer may be silent.');
export type TrialLimits = z.infer<typeof trialLimits>;
