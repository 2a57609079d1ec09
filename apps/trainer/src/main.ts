/**
 * The built-in trainer: speaks the trainer protocol on file descriptors 3 (in) and 4 (out); stdout and stderr are the log.
 * Usage: main.ts --help; the protocol: docs/trainer-protocol.md.
 */
import { evaluateCheckpoint, loadTensorFlow, trainTrial } from '@kinetune/models';
import { EnvironmentError, InputError, TRAINER_PROTOCOL_VERSION } from '@kinetune/study';
import { describeDevice } from './describe-device.ts';
import { createWindowsReader, loadTestWindows, loadTrialData } from './load-trial-data.ts';
import { createMessageChannel, openDescriptors } from './message-channel.ts';
import { readCommandLine, USAGE } from './runtime-settings.ts';
import { type RunEvaluation, type RunTrial, serveTrials } from './serve-trials.ts';

const EXIT_USAGE = 2;
const EXIT_UNUSABLE = 3;

const log = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const commandLine = readCommandLine(process.argv.slice(2), process.env);
  if (commandLine.type === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const { runtime } = commandLine;
  const channel = createMessageChannel(openChannel());
  const tf = loadTensorFlow({
    intraOpThreads: runtime.intraOpThreads,
    interOpThreads: runtime.interOpThreads,
    useXla: runtime.xla,
    useOneDnn: runtime.oneDnn,
  });
  const signalled = endOnSignals();
  const reader = createWindowsReader();

  const runTrial: RunTrial = async (start, { started, progress, measured, stop }) => {
    const { trial, data, metrics } = start;
    if (data === undefined)
      throw new InputError('start', 'the built-in trainer needs `data` in start: windowsFile and splitFile');
    log(`trial ${trial.id}: ${start.model}, number ${trial.number} of ${trial.study}, attempt ${trial.attempt}`);
    const declared = new Set(metrics);
    const outcome = await trainTrial(
      {
        trial,
        family: start.model,
        configuration: start.configuration,
        seed: start.seed,
        fold: start.fold,
        data: await loadTrialData(data, reader),
        objective: start.objective,
        keepBest: start.keepBest,
        earlyStopping: start.earlyStopping,
        shuffleLabelsSeed: data.shuffleLabelsSeed,
        checkpointFolder: start.checkpointFolder,
        resumeFromStep: start.resumeFromStep,
      },
      {
        signal: stop,
        onStarted: started,
        onProgress: progress,
        onMeasurement: (measurement) =>
          measured({
            ...measurement,
            values: Object.fromEntries(Object.entries(measurement.values).filter(([name]) => declared.has(name))),
            isResumable: true,
          }),
        onNote: (note) => log(`trial ${trial.id}: ${note}`),
      },
    );
    log(`trial ${trial.id}: ${outcome.type}${'reason' in outcome ? `, ${outcome.reason}` : ''}`);
    return outcome;
  };

  const runEvaluation: RunEvaluation = async ({ trial, checkpointFolder, step, data }) => {
    log(`trial ${trial.id}: the test people are looked at with the model of step ${step}`);
    const { evaluation } = await evaluateCheckpoint({ checkpointFolder, step }, await loadTestWindows(data, reader));
    return { step, evaluation };
  };

  await serveTrials({
    channel,
    ready: {
      protocol: TRAINER_PROTOCOL_VERSION,
      name: 'built-in',
      device: describeDevice(tf, runtime),
      runtime,
    },
    runTrial,
    runEvaluation,
    log,
    terminate: signalled.signal,
  });
  // TensorFlow's threads would keep the process; everything that matters is durable.
  signalled.exit();
}

function openChannel() {
  try {
    return openDescriptors(3, 4);
  } catch {
    throw new InputError(
      'channel',
      `file descriptors 3 and 4 must be open: an agent starts this program, see docs/trainer-protocol.md\n\n${USAGE}`,
    );
  }
}

/** SIGTERM and SIGINT end the trial in order, then the process as that signal would have, so that its parent can tell. */
function endOnSignals(): { readonly signal: AbortSignal; exit(): never } {
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      received ??= name;
      controller.abort();
    });
  }
  return {
    signal: controller.signal,
    exit() {
      if (received !== undefined) {
        process.removeAllListeners(received);
        process.kill(process.pid, received);
      }
      process.exit(0);
    },
  };
}

main().catch((error: unknown) => {
  const isExpected = error instanceof InputError || error instanceof EnvironmentError;
  log(isExpected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(error instanceof InputError ? EXIT_USAGE : EXIT_UNUSABLE);
});
