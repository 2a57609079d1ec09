/** A running study as plain lines, for logs and pipes: a trial's start, its quarters and its end. */
import type { RunEvent } from '../agent/run-event.ts';
import { count, formatDuration, formatLoss, formatPercent, formatValue } from './format.ts';
import { estimateRemainingMs, type RunView } from './run-view.ts';

/** The line an event is worth, if any; `before` and `after` are the views around it. */
export function plainLine(
  event: RunEvent,
  views: { before: RunView; after: RunView; nowMs: number },
): string | undefined {
  const { before, after, nowMs } = views;
  switch (event.type) {
    case 'trial-started': {
      const values = Object.entries(event.configuration).map(([name, value]) => `${name} ${formatValue(value)}`);
      const how =
        event.resumedFromEpoch > 0
          ? `goes on after epoch ${formatValue(event.resumedFromEpoch)}`
          : event.attempt > 1
            ? `starts again (attempt ${event.attempt})`
            : 'starts';
      return `trial ${event.trial} ${how}: ${values.join(', ')}`;
    }
    case 'trial-measured': {
      const was = before.running.get(event.trial);
      if (was?.totalEpochs === undefined) return undefined;
      const quarter = (epoch: number): number => Math.floor((4 * epoch) / (was.totalEpochs as number));
      const reached = quarter(event.epoch);
      if (reached === 4 || reached === quarter(Math.floor(was.epoch - 1e-9))) return undefined;
      return (
        `trial ${event.trial}: epoch ${formatValue(event.epoch)}/${was.totalEpochs}, ` +
        `loss ${formatLoss(event.values.trainLoss)}, ${scoreOf(event.values[after.score], after.score)}`
      );
    }
    case 'trial-ended': {
      const remaining = estimateRemainingMs(after, nowMs);
      const best =
        after.best === undefined ? '' : `, best so far ${formatLoss(after.best.value)} (trial ${after.best.trial})`;
      const time = remaining === undefined || remaining === 0 ? '' : `, about ${formatDuration(remaining)} left`;
      return `trial ${event.trial} ${endOf(event, after)}; ${after.done}/${count(after.total, 'trial')} done${best}${time}`;
    }
    case 'trial-requeued':
      return `trial ${event.trial} is tried again: ${event.reason}`;
    case 'trial-stopped':
      return `trial ${event.trial} stopped; its finished epochs are kept`;
    case 'stopping':
      if (event.running === 0) return undefined;
      return `stopping: waiting for ${count(event.running, 'trial')} to keep their state (a second Ctrl-C ends at once)`;
    case 'trial-progress':
    case 'trials-counted':
      return undefined;
  }
}

function scoreOf(value: number | null | undefined, metric: string): string {
  return metric === 'validationAccuracy'
    ? `validation accuracy ${formatPercent(value)}`
    : `${metric} ${formatLoss(value)}`;
}

function endOf(event: Extract<RunEvent, { type: 'trial-ended' }>, view: RunView): string {
  switch (event.state) {
    case 'COMPLETED': {
      const epoch = event.bestEpoch === undefined ? '' : ` at epoch ${formatValue(event.bestEpoch)}`;
      return `completed in ${formatDuration(event.durationMs)}: ${view.objective.metric} ${formatLoss(event.bestValue)}${epoch}`;
    }
    case 'PRUNED':
      return `was pruned after ${formatDuration(event.durationMs)}: ${event.reason ?? 'no reason given'}`;
    case 'CANCELLED':
      return `is not trained: ${event.reason ?? 'no reason given'}`;
    case 'INFEASIBLE':
      return `is infeasible: ${event.reason ?? 'no reason given'}`;
    case 'FAILED':
      return `failed: ${event.reason ?? 'no reason given'}`;
  }
}
