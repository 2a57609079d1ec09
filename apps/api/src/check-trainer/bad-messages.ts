/** Messages that are none, or come at the wrong moment: a trainer logs them and goes on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Received, TrainerProcess } from '../agent/trainer-process.ts';
import type { CheckBench } from './check-bench.ts';
import type { Verdict } from './trainer-check.ts';

/** How long a trainer has to answer what it should not answer, ms. */
const QUIET_MS = 500;

const NONSENSE = [
  'this is no JSON',
  '{"type":"dance"}',
  '{"type":"stop","reason":"cancelled"}',
  '[]',
  'null',
  '17',
  '{}',
  '',
  '{"type":"start"',
];

/** Before any trial: it says nothing, and hears what comes after them. */
export async function sendNonsense(bench: CheckBench): Promise<Verdict> {
  const begun = await bench.begin();
  if (typeof begun === 'string') return { outcome: 'fail', came: begun };
  const { trainer } = begun;
  for (const line of NONSENSE) {
    trainer.sendLine(line);
    const received = await trainer.receive({ limitMs: QUIET_MS / 5 });
    if (received.type !== 'silent')
      return { outcome: 'fail', came: `after the line ${JSON.stringify(line)} it ${wordOf(received)}`, advice: LOG_IT };
  }
  trainer.send(bench.startOf('after nonsense'));
  const received = await trainer.receive({ limitMs: bench.limits.silenceMs });
  await trainer.kill();
  return received.type === 'message' && received.message.type === 'started'
    ? { outcome: 'pass', came: `${NONSENSE.length} lines that are no messages, and it hears the start after them` }
    : { outcome: 'fail', came: `to the start after them it ${wordOf(received)}`, advice: LOG_IT };
}

const LOG_IT = 'log what is not understood on stderr, and read on';

/** A version that it does not speak: `failed`, for the agent would wait otherwise. */
export async function sendOtherVersion(bench: CheckBench): Promise<Verdict> {
  const begun = await bench.begin();
  if (typeof begun === 'string') return { outcome: 'fail', came: begun };
  const { trainer } = begun;
  trainer.sendLine(JSON.stringify({ ...bench.startOf('version'), protocol: 999 }));
  const received = await trainer.receive({ limitMs: bench.limits.stopMs });
  await trainer.kill();
  return received.type === 'message' && received.message.type === 'failed'
    ? {
        outcome: 'pass',
        came: `failed: ${received.message.reason}`,
      }
    : {
        outcome: 'fail',
        came: `it ${wordOf(received)}`,
        advice: 'compare protocol with 1, and answer failed with the reason',
      };
}

/** A start in two pieces, cut inside a letter, then a second one while the first runs, then stop: one outcome comes. */
export async function sendInPieces(bench: CheckBench): Promise<Verdict> {
  const begun = await bench.begin();
  if (typeof begun === 'string') return { outcome: 'fail', came: begun };
  const { trainer } = begun;
  const bytes = Buffer.from(`${JSON.stringify(bench.startOf('pieces'))}\n`);
  // The first byte beyond ASCII is the beginning of a letter of several.
  const cut = bytes.findIndex((byte) => byte > 127) + 1;
  trainer.sendBytes(bytes.subarray(0, cut));
  await sleep(100);
  trainer.sendBytes(bytes.subarray(cut));
  let received = await trainer.receive({ limitMs: bench.limits.silenceMs });
  if (received.type !== 'message' || received.message.type !== 'started')
    return { outcome: 'fail', came: `it ${wordOf(received)}`, advice: 'a line ends at its \\n, wherever a read ends' };
  trainer.send(bench.startOf('second'));
  trainer.send({ type: 'stop', reason: 'cancelled' });
  const outcomes: string[] = [];
  for (;;) {
    received = await trainer.receive({ limitMs: outcomes.length === 0 ? bench.limits.stopMs : QUIET_MS });
    if (received.type !== 'message') break;
    const { type } = received.message;
    if (OUTCOMES.includes(type)) outcomes.push(type);
    else if (outcomes.length > 0) outcomes.push(type);
  }
  await trainer.kill();
  const isOver = received.type === 'silent' || (received.type === 'exited' && begun.ready.trialsPerProcess === 'one');
  return outcomes.length === 1 && isOver
    ? { outcome: 'pass', came: `one outcome: ${outcomes[0]}` }
    : {
        outcome: 'fail',
        came: `${outcomes.length === 0 ? 'no outcome' : outcomes.join(', then ')}; then it ${wordOf(received)}`,
        advice: 'while a trial runs log another start, and go on with the running one until its outcome',
      };
}

const OUTCOMES: readonly string[] = ['completed', 'infeasible', 'failed', 'stopped'];

/** `shutdown` while it waits: it exits with 0. */
export async function sendShutdown(bench: CheckBench): Promise<Verdict> {
  const begun = await bench.begin();
  if (typeof begun === 'string') return { outcome: 'fail', came: begun };
  begun.trainer.send({ type: 'shutdown' });
  const end = await ending(begun.trainer, bench);
  return end === 'exited with code 0'
    ? { outcome: 'pass', came: `it ${end}` }
    : { outcome: 'fail', came: `it ${end}`, advice: 'end the process with 0 at shutdown' };
}

/** The agent is gone in the middle of a training: the trainer ends by itself. */
export async function endInput(bench: CheckBench): Promise<Verdict> {
  const begun = await bench.begin();
  if (typeof begun === 'string') return { outcome: 'fail', came: begun };
  const { trainer } = begun;
  trainer.send(bench.startOf('orphan'));
  await trainer.receive({ limitMs: bench.limits.silenceMs });
  trainer.closeInput();
  const end = await ending(trainer, bench);
  return end.startsWith('exited')
    ? { outcome: 'pass', came: `it ${end}` }
    : {
        outcome: 'fail',
        came: `it ${end}`,
        advice: 'take the end of file descriptor 3 as shutdown, also while it trains',
      };
}

/** What it does within the time for a stop, its messages passed over. */
async function ending(trainer: TrainerProcess, { limits }: CheckBench): Promise<string> {
  const deadline = performance.now() + limits.stopMs;
  for (;;) {
    const received = await trainer.receive({ limitMs: Math.max(1, deadline - performance.now()) });
    if (received.type === 'exited') return received.how;
    if (received.type === 'silent' || performance.now() > deadline) {
      await trainer.kill();
      return `was still there after ${limits.stopMs / 1000} s`;
    }
  }
}

function wordOf(received: Received): string {
  switch (received.type) {
    case 'message':
      return `said ${JSON.stringify(received.message).slice(0, 160)}`;
    case 'violation':
      return received.reason;
    case 'silent':
      return 'said nothing';
    case 'aborted':
      return 'was not waited for';
    case 'exited':
      return received.how;
  }
}
