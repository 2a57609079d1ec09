/** One study from the first trial to the last: k asks before k tells, judged by what would be adopted. */
import { createRng, type Values } from '@kinetune/study';
import type { AskTell, Told } from './ask-tell.ts';
import type { BenchmarkFunction } from './benchmark-function.ts';
import type { Landscape } from './landscape.ts';
import type { StudyResult, StudySpec } from './study-spec.ts';

export interface Subject {
  readonly function: BenchmarkFunction;
  readonly landscape: Landscape;
  /** Trials after which a sampler that recommends by its own model is asked to. */
  readonly checkpoints: readonly number[];
}

const NOISE_SHARE = 0.1;

export async function runStudy(spec: StudySpec, study: AskTell, subject: Subject): Promise<StudyResult> {
  const { minimum } = subject.function;
  const noiseScale = spec.noise ? NOISE_SHARE * subject.landscape.interquartileRange : 0;
  const curve: [number, number | null][] = [];
  const times: number[] = [];
  // What was seen decides which configuration is best; its value without noise judges it.
  let best: { readonly seen: number; readonly value: number } | undefined;
  let finished = 0;
  let infeasibleTrials = 0;
  const adopt = (value: number): void => {
    const regret = minimum === undefined ? value : Math.max(0, value - minimum);
    const short = Number.isFinite(regret) ? Number(regret.toPrecision(6)) : null;
    if (curve.at(-1)?.[1] !== short) curve.push([finished, short]);
  };
  const adoptRecommended = async (): Promise<void> => {
    if (best !== undefined && study.recommend !== undefined)
      adopt(evaluateOnce(spec, await study.recommend(), subject));
  };
  const recommends = spec.noise && study.recommend !== undefined;

  while (finished < spec.budget) {
    const count = Math.min(spec.atOnce, spec.budget - finished);
    // With several at once a checkpoint may fall inside a batch: what is known before the batch counts.
    if (recommends && subject.checkpoints.some((at) => finished <= at && at < finished + count))
      await adoptRecommended();
    const { asked, ms } = await study.ask(count);
    times.push(...ms);
    if (asked.length === 0) break;
    const told: Told[] = [];
    for (const { number, values } of asked) {
      const value = evaluateOnce(spec, values, subject);
      // The same for every sampler: keyed by function, seed and the trial's number.
      const seen = value + noiseScale * createRng('noise', spec.function, spec.seed, number).normal();
      told.push({ number, value: seen });
      finished++;
      if (Number.isNaN(value)) infeasibleTrials++;
      else if (best === undefined || seen < best.seen) best = { seen, value };
      if (best !== undefined && !recommends) adopt(best.value);
    }
    await study.tell(told);
  }
  if (recommends) await adoptRecommended();
  const msPerSuggestion = Number((times.reduce((sum, time) => sum + time, 0) / times.length).toPrecision(3));
  return { ...spec, curve, msPerSuggestion, infeasibleTrials };
}

/** NaN for an infeasible configuration. */
function evaluateOnce({ infeasible }: StudySpec, values: Values, { function: f, landscape }: Subject): number {
  if (infeasible && !landscape.isSpared(values)) return NaN;
  const value = f.evaluate(values);
  return Number.isFinite(value) ? value : NaN;
}
