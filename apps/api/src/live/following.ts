/**
 * What a follower iterates over: `take` gives the next value, undefined when there is none any more, and `leave` ends it, also while
 * `take` waits. An async generator could not be ended before its next value.
 */
export function following<T>(
  take: () => Promise<T | undefined>,
  leave: () => void,
): AsyncIterableIterator<T, undefined> {
  return {
    async next() {
      let value: T | undefined;
      try {
        value = await take();
      } catch (error) {
        leave();
        throw error;
      }
      if (value !== undefined) return { done: false, value };
      leave();
      return { done: true, value: undefined };
    },
    async return() {
      leave();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
