/** Whether a space is an earlier one made wider: then its trials are trials of the wider one too, and the study goes on. */
import { domainContains, type Domain, type Space } from '@kinetune/study';
import { showDomain } from './study-changes.ts';

export interface WidenedSpace {
  /** The earlier space with the wider domains; everything else, the order too, is the earlier one's. */
  readonly space: Space;
  /** Each as `learningRate: 0.001 to 0.01, log -> 0.0001 to 0.1, log`. */
  readonly changes: readonly string[];
}

/** Undefined where nothing is wider. What else differs between the spaces is not looked at. */
export function widenedSpace(earlier: Space, wanted: Space): WidenedSpace | undefined {
  const changes: string[] = [];
  const hyperparameters = earlier.hyperparameters.map((one) => {
    const domain = wanted.hyperparameters.find(({ name }) => name === one.name)?.domain;
    if (domain === undefined || !isWider(one.domain, domain)) return one;
    changes.push(`${one.name}: ${showDomain(one.domain)} -> ${showDomain(domain)}`);
    return { ...one, domain };
  });
  return changes.length === 0 ? undefined : { space: { ...earlier, hyperparameters }, changes };
}

/** Whether `wide` holds every value of `narrow` in the same scale and more: choices are added, ends move outwards on the grid. */
function isWider(narrow: Domain, wide: Domain): boolean {
  if (narrow.type === 'categorical' || wide.type === 'categorical') {
    if (narrow.type !== 'categorical' || wide.type !== 'categorical') return false;
    return (
      wide.choices.length > narrow.choices.length && narrow.choices.every((choice) => domainContains(wide, choice))
    );
  }
  if (narrow.type !== wide.type || narrow.scale !== wide.scale || narrow.step !== wide.step) return false;
  const isMoved = wide.minimum < narrow.minimum || wide.maximum > narrow.maximum;
  // The lower end carries the grid; the upper one need not lie on it.
  return isMoved && wide.maximum >= narrow.maximum && domainContains(wide, narrow.minimum);
}
