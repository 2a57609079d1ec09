/** TensorFlow's status (8 is RESOURCE_EXHAUSTED in the binding's words), its allocators' message, and V8's for arrays. */
const SIGNS =
  /TF_Status: 8\b|RESOURCE_EXHAUSTED|OOM when allocating|Array buffer allocation failed|Invalid typed array length/;

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && SIGNS.test(error.message);
}
