export async function importDocument(..._all: unknown[]): Promise<never> {
  throw new Error('soon');
}
