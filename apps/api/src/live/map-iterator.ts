/**
 * What `map` makes of each value; undefined leaves it out. Unlike an async generator it can be ended while it waits for the next
 * value: `return()` goes to the source at once.
 */
export function mapIterator<T, U>(
  source: AsyncIterator<T, unknown>,
  map: (value: T) => U | undefined | Promise<U | undefined>,
): AsyncIterableIterator<U, undefined> {
  const over = { done: true, value: undefined } as const;
  return {
    async next() {
      for (;;) {
        const { done, value } = await source.next();
        if (done === true) return over;
        const mapped = await map(value);
        if (mapped !== undefined) return { done: false, value: mapped };
      }
    },
    async return() {
      await source.return?.();
      return over;
    },
    async throw() {
      await source.return?.();
      return over;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
