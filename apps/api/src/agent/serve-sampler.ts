/** The thread's side: a suggestion for each request, in order. */
import type { MessagePort } from 'node:worker_threads';
import type { Sampler } from '@kinetune/search';
import { InputError, type Values } from '@kinetune/study';
import type { SamplerAnswer, SamplerError, SamplerRequest, SamplerSetup } from './sampler-messages.ts';

export interface ServeSamplerOptions {
  readonly sampler: Sampler;
  /** Whether a configuration satisfies the constraints. */
  readonly accepts: ((values: Values) => boolean) | undefined;
}

export function serveSampler(port: MessagePort, setup: SamplerSetup, { sampler, accepts }: ServeSamplerOptions): void {
  const { space, seed, direction } = setup;
  const answer = ({ id, index, history }: SamplerRequest): SamplerAnswer => {
    try {
      const request = { space, seed, direction, index, history, ...(accepts === undefined ? {} : { accepts }) };
      return { id, suggestion: sampler(request) };
    } catch (error) {
      return { id, error: describe(error) };
    }
  };
  port.on('message', (request: SamplerRequest) => port.postMessage(answer(request)));
}

function describe(error: unknown): SamplerError {
  if (!(error instanceof Error)) return { code: undefined, message: String(error), stack: undefined };
  return { code: error instanceof InputError ? error.code : undefined, message: error.message, stack: error.stack };
}
