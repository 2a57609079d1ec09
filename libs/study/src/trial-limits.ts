/** How long a trial may take, and how long its trainer may be silent. */
import { z } from 'zod';

const minutes = z.number().positive().max(525_600);

export const trialLimits = z
  .strictObject({
    trialMinutes: minutes
      .optional()
      .describe(
        'A trial that trains longer, over all of its attempts, is stopped and infeasible; a week unless stated.',
      ),
    silenceMinutes: minutes
      .optional()
      .describe(
        'A trainer that says nothing for so long is taken as hung, ended, and its trial tried again; default 5.',
      ),
  })
  .describe('How long a trial may take, and how long its trainer may be silent.');
export type TrialLimits = z.infer<typeof trialLimits>;
