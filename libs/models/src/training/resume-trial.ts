/** Puts a trial's engine where the trial was stopped, or at its beginning. */
import { InputError } from '@kinetune/study';
import { clearTrialFolder, openResumePoint } from '../checkpoint/trial-folder.ts';
import type { Engine } from '../engine/index.ts';
import { stateOfTensors } from './engine-state.ts';
import type { TrialMeasurement } from './trial-measurement.ts';
import type { TrialPlan } from './trial-plan.ts';

export interface ResumeTrialOptions {
  readonly checkpointFolder: string;
  /** Undefined: from the beginning; what the folder holds is removed. */
  readonly resumeFromStep: number | undefined;
  readonly identity: TrialPlan['identity'];
  readonly bestSteps: (measurements: readonly TrialMeasurement[]) => readonly number[];
  readonly onNote: (note: string) => void;
}

/**
 * The measurements up to where the engine now is, none when it begins.
 * @throws InputError `resume-other-trial` when the folder is another trial's.
 */
export async function resumeTrial(engine: Engine, options: ResumeTrialOptions): Promise<readonly TrialMeasurement[]> {
  const { checkpointFolder, resumeFromStep, identity, bestSteps, onNote } = options;
  if (resumeFromStep !== undefined) {
    const point = await openResumePoint(checkpointFolder, {
      bestSteps,
      onDamage: (error) => onNote(`passed over: ${error.message}`),
    });
    if (point !== undefined) {
      assertSameTrial(point.state.identity, identity, checkpointFolder);
      engine.importState(stateOfTensors(point.state.tensors, point.state.step));
      onNote(`continues from step ${point.state.step}, epoch ${point.state.epoch}`);
      return point.measurements;
    }
    onNote(`no whole state in ${checkpointFolder}: starts from the beginning`);
  }
  await clearTrialFolder(checkpointFolder);
  return [];
}

function assertSameTrial(stored: TrialPlan['identity'], wanted: TrialPlan['identity'], folder: string): void {
  for (const name of Object.keys(wanted)) {
    const [was, is] = [JSON.stringify(stored[name]), JSON.stringify(wanted[name])];
    if (was === is) continue;
    throw new InputError(
      'resume-other-trial',
      `${folder} holds a trial whose ${name} is ${was}, this one's is ${is}; ` +
        'give each trial a folder of its own, or start it from the beginning',
    );
  }
}
