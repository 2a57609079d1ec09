/** TensorFlow's status code for an allocation that failed, its allocators' own words, and V8's for an array. */
const SIGNS =
  /RESOURCE_EXHAUSTED|ResourceExhausted|OOM when allocating|failed to allocate memory|Array buffer allocation failed/;

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && SIGNS.test(error.message);
}
