/** The scheduler and the agent of a process that serves or works. */
import { resolve } from 'node:path';
import { requeueOrphans, type Storage } from '@kinetune/storage';
import { startAgent, type Agent } from '../agent/start-agent.ts';
import { prepareWork } from '../agent/study-work.ts';
import { limitsFrom } from '../agent/trial-run.ts';
import { findDevices } from '../devices/find-devices.ts';
import { watchGpus } from '../devices/watch-gpus.ts';
import { createBell } from '../scheduler/bell.ts';
import { startScheduler } from '../scheduler/start-scheduler.ts';
import { count } from '../terminal/format.ts';
import type { Interruption } from './interruption.ts';
import type { Output } from './output.ts';
import { resolveInputPath, workspaceRoot } from './paths.ts';
import { tellOnce } from './tell-once.ts';
import type { WorkFlags } from './work-options.ts';

export interface WorkOptions {
  readonly flags: WorkFlags;
  readonly interruption: Interruption;
  readonly output: Output;
  readonly hasScheduler: boolean;
  readonly hasAgent: boolean;
}

/** Disposed: trials are stopped and given back, the lead is given up. */
export interface Work extends AsyncDisposable {
  readonly agent: Agent | undefined;
}

export async function startWork(
  { db, home, isShared }: Storage,
  { flags, interruption, output, hasScheduler, hasAgent }: WorkOptions,
): Promise<Work> {
  await using started = new AsyncDisposableStack();
  // Alone on the database: what is still RUNNING has lost the process that trained it.
  if (!isShared) await requeueOrphans(db, []);
  const tell = tellOnce(output);
  const bell = createBell();
  if (hasScheduler) started.use(startScheduler({ db, isShared, bell, onError: tell }));
  if (!hasAgent) return { agent: undefined, ...rest(started.move()) };
  const devices = await findDevices(flags);
  for (const remark of devices.remarks) output.note(remark);
  const store = resolveStore(flags.store, home);
  const agent = started.use(
    await startAgent({
      db,
      isShared,
      home,
      store,
      slots: devices.slots,
      bell,
      stop: interruption.stop,
      stopNow: interruption.stopNow,
      limits: limitsFrom(process.env),
      mustMatchCode: flags.anyCode !== true,
      onProblem: tell,
      workOf: (study) =>
        prepareWork(study, {
          db,
          store,
          workspaceRoot,
          dataFolder: flags.data === undefined ? undefined : resolveInputPath(flags.data),
          resolvePath: resolveInputPath,
          onProgress: (message) => output.note(`${study.name}: ${message}`),
          signal: interruption.stop,
        }),
      onEvent(event, study) {
        if (event.type === 'trial-ended' || event.type === 'trial-requeued')
          output.note(
            `${study.name}, trial ${event.trial}: ${event.type === 'trial-ended' ? event.state.toLowerCase() : 'is tried again'}${event.reason === undefined ? '' : ` (${event.reason})`}`,
          );
      },
    }),
  );
  started.use(watchGpus(db, { slots: agent.slots, devices: devices.slots }));
  const offered = [...new Set(devices.slots.map(({ device }) => device))].join('; ');
  output.note(`${count(devices.slots.length, 'slot')} here: ${offered}.`);
  return { agent, ...rest(started.move()) };
}

function rest(stack: AsyncDisposableStack): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** The folder that all machines share: `--store`, else KINETUNE_STORE, else the home. */
export function resolveStore(
  option: string | undefined,
  home: string,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const stated = option ?? environment.KINETUNE_STORE;
  return stated === undefined || stated === '' ? home : resolve(workspaceRoot, stated);
}
