/**
 * How many of the threads at hand a training step can use. TensorFlow splits even the small operations of a small model, and
 * handing them over then costs more than it saves: 19 thousand weights, 0.23 GFLOP a step, take 2.8 ms on one thread and 4.6 ms
 * on two; 252 thousand weights, 4 GFLOP a step, 27 ms and 22 ms (2 cores, TensorFlow 2.21 with oneDNN).
 */
const OPERATIONS_WORTH_SPLITTING = 1e9;

/** `operationsPerStep` is about three times the forward pass of a batch (the catalogue counts one window's). */
export function usefulThreads(operationsPerStep: number, available: number): number {
  return operationsPerStep < OPERATIONS_WORTH_SPLITTING ? 1 : available;
}
