/** One query for what sibling fields ask for, whatever their arguments are: loaders that batch and keep nothing. */
import DataLoader from 'dataloader';
import type { Context } from './context.ts';

const loadersOf = new WeakMap<Context, Map<string, DataLoader<string, unknown>>>();

export interface Batch<T> {
  /** Of the field. */
  readonly name: string;
  /** What the query depends on besides the ids: fields with the same share it. */
  readonly options?: unknown;
  /** Of the parent. */
  readonly id: string;
  readonly load: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>;
}

/** What `load` gives for the id, loaded together with what is asked in the same tick under the same name and options. */
export async function batched<T>(context: Context, { name, options, id, load }: Batch<T>): Promise<T | undefined> {
  const loaders = loadersOf.get(context) ?? new Map<string, DataLoader<string, unknown>>();
  loadersOf.set(context, loaders);
  const key = `${name} ${JSON.stringify(options)}`;
  let loader = loaders.get(key);
  if (loader === undefined) {
    loader = new DataLoader<string, unknown>(
      async (ids) => {
        const found = await load([...new Set(ids)]);
        return ids.map((one) => found.get(one));
      },
      // What is kept would be old by the next event of a subscription.
      { cache: false },
    );
    loaders.set(key, loader);
  }
  return (await loader.load(id)) as T | undefined;
}
