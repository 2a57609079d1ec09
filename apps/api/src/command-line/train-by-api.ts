/** `kinetune train` where an API has the home's database: the study is sent to it, and followed to its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@kinetune/study';
import type { Findings } from '../findings/findings.ts';
import { renderFindings } from '../findings/render-findings.ts';
import { count, formatLoss } from '../terminal/format.ts';
import { hasUnicode } from '../terminal/has-unicode.ts';
import type { ApiClient } from './api-client.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { Interruption } from './interruption.ts';
import type { Output } from './output.ts';
import { resolveInputPath } from './paths.ts';
import type { ReadStudy } from './study-source.ts';
import type { TrainOptions } from './train.ts';

export interface TrainByApiOptions {
  readonly source: ReadStudy;
  readonly options: TrainOptions;
  readonly output: Output;
  readonly interruption: Interruption;
}

interface SentStudy {
  readonly id: string;
  readonly name: string;
}

/** Before a lost socket is connected again, and from one look at the study to the next, ms. */
const RECONNECT_MS = 1_000;
/** What is still to be told when a study is over is waited for no longer than this, ms. */
const LAST_WORDS_MS = 5_000;

const CREATE = `mutation ($input: CreateStudyInput!) { createStudy(input: $input) {
  ... on Refusal { code message }
  ... on CreateStudyPayload { remarks studies { id name } }
} }`;
const FOLLOW = `subscription ($studyId: ID!, $after: SafeInt) { trialUpdates(studyId: $studyId, after: $after) {
  cursor trials { id number replicate state bestValue reason }
} }`;
const STATE = `query ($id: ID!) { node(id: $id) { ... on Study { state cursor trialCounts { state count } } } }`;
const FINDINGS = `query ($id: ID!) { node(id: $id) { ... on Study { findings } } }`;

/** Gives the exit code. Who stops it stops following: the study goes on where it runs. */
export async function trainByApi(
  api: ApiClient,
  { source, options, output, interruption }: TrainByApiOptions,
): Promise<number> {
  const { studies, remarks } = await send(api, { source, options });
  for (const remark of remarks) output.note(remark);
  const names = studies.map(({ name }) => name).join(', ');
  output.note(
    `${names} ${studies.length === 1 ? 'is' : 'are'} trained by the API at ${api.url}; this command follows.`,
  );
  const failed = await Promise.all(studies.map((study) => follow(api, study, { output, stop: interruption.stop })));
  if (interruption.stop.aborted) {
    output.warn(`No longer followed: ${names} ${studies.length === 1 ? 'goes' : 'go'} on at ${api.url}.`);
    return interruption.exitCode();
  }
  const found = await Promise.all(
    studies.map(async ({ id }) => {
      const { node } = await api.ask<{ node: { findings: Findings } }>(FINDINGS, { id });
      return node.findings;
    }),
  );
  const { width, resultStyles: styles } = output;
  for (const findings of found) output.result(renderFindings(findings, { width, styles, hasUnicode: hasUnicode() }));
  output.json(found.length === 1 ? found[0] : { group: null, studies: found });
  const total = failed.reduce((sum, one) => sum + one, 0);
  if (total === 0) return EXIT_CODES.ok;
  output.warn(`${count(total, 'trial')} failed for reasons of the machine; the log of each is in the store of the API`);
  return EXIT_CODES.trialsFailed;
}

async function send(
  api: ApiClient,
  { source, options }: Pick<TrainByApiOptions, 'source' | 'options'>,
): Promise<{ readonly studies: readonly SentStudy[]; readonly remarks: readonly string[] }> {
  const input = {
    yaml: source.text,
    file: source.file,
    dataFolder: options.data === undefined ? undefined : resolveInputPath(options.data),
    trials: options.trials,
    seed: options.seed,
    shuffleLabels: options.shuffleLabels === true,
    existing: options.fresh === true ? 'START_AFRESH' : 'CONTINUE',
  };
  type Answer = { studies: SentStudy[]; remarks: string[] } | { code: string; message: string };
  const { createStudy: answer } = await api.ask<{ createStudy: Answer }>(CREATE, { input });
  if ('code' in answer) throw new InputError(answer.code, `${answer.message} (the API at ${api.url} says so)`);
  return answer;
}

interface TrialUpdate {
  readonly id: string;
  readonly number: number;
  readonly replicate: number;
  readonly state: string;
  readonly bestValue: number | null;
  readonly reason: string | null;
}

interface StudyNow {
  readonly state: string;
  readonly cursor: number;
  readonly trialCounts: readonly { readonly state: string; readonly count: number }[];
}

/** Tells of each trial that ends, until the study rests; gives how many the machine failed. */
async function follow(
  api: ApiClient,
  study: SentStudy,
  { output, stop }: { readonly output: Output; readonly stop: AbortSignal },
): Promise<number> {
  const over = new AbortController();
  const ended = new Set<string>();
  const signal = AbortSignal.any([stop, over.signal]);
  const now = await stateOf(api, study);
  let after = now.cursor;
  const told = (async () => {
    while (!signal.aborted) {
      try {
        const variables = { studyId: study.id, after };
        for await (const { trialUpdates } of api.follow<{ trialUpdates: { cursor: number; trials: TrialUpdate[] } }>(
          FOLLOW,
          variables,
          signal,
        )) {
          after = trialUpdates.cursor;
          for (const trial of trialUpdates.trials) tell(trial, { study, ended, output });
        }
      } catch {
        // The socket was lost; whether the API is, too, is found out below.
      }
      await sleep(RECONNECT_MS, undefined, { signal }).catch(() => {});
    }
  })();
  try {
    for (let seen = now; ; seen = await stateOf(api, study)) {
      if (stop.aborted || isOver(seen)) {
        // The end may be seen before the subscription tells of the last trials.
        const untilMs = performance.now() + LAST_WORDS_MS;
        while (ended.size < endedOf(seen) - endedOf(now) && performance.now() < untilMs && !stop.aborted)
          await sleep(20);
        return countOf(seen, 'FAILED');
      }
      await sleep(RECONNECT_MS, undefined, { signal: stop }).catch(() => {});
    }
  } finally {
    over.abort();
    await told;
  }
}

async function stateOf(api: ApiClient, { id, name }: SentStudy): Promise<StudyNow> {
  const { node } = await api.ask<{ node: StudyNow | null }>(STATE, { id });
  if (node === null) throw new InputError('study-deleted', `${name} was deleted while it was followed`);
  return node;
}

/** It has ended, or was paused and its last trial has ended. */
function isOver(study: StudyNow): boolean {
  return study.state !== 'RUNNING' && countOf(study, 'RUNNING') === 0;
}

function countOf({ trialCounts }: StudyNow, state: string): number {
  return trialCounts.find((one) => one.state === state)?.count ?? 0;
}

function endedOf(study: StudyNow): number {
  return ENDED.reduce((sum, state) => sum + countOf(study, state), 0);
}

const ENDED = ['COMPLETED', 'PRUNED', 'INFEASIBLE', 'FAILED', 'CANCELLED'];

function tell(
  { id, number, replicate, state, bestValue, reason }: TrialUpdate,
  { study, ended, output }: { readonly study: SentStudy; readonly ended: Set<string>; readonly output: Output },
): void {
  if (!ENDED.includes(state) || ended.has(id)) return;
  ended.add(id);
  const trial = replicate === 0 ? String(number) : `${number} (replicate ${replicate})`;
  const value = bestValue === null ? '' : `, best ${formatLoss(bestValue)}`;
  output.note(`${study.name}: trial ${trial} ${state.toLowerCase()}${value}${reason === null ? '' : `: ${reason}`}`);
}
