/** A loaded graph with its variables: TensorFlow's session behind the binding. */
import { EnvironmentError } from '@kinetune/study';
import type { GraphBuilder } from './graph-builder.ts';
import { encodeSavedModel, withSavedModel } from './saved-model.ts';
import { dataTypes, type TensorFlowBinding, type TypedValues } from './tensorflow-backend.ts';

/** A value for a placeholder; its memory is read only while the run lasts. */
export interface Feed {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

export interface GraphSession {
  /** Feeds, runs and fetches; the values fetched are copies. Synchronous: the event loop waits. */
  run(feeds: readonly Feed[], fetches: readonly string[]): TypedValues[];
  /**
   * A run prepared for many calls: one int32 scalar is fed, the first output is computed and dropped. The shortest way
   * through the binding.
   */
  prepare(feedName: string, fetchName: string): (value: number) => void;
  close(): void;
}

export async function openGraphSession(binding: TensorFlowBinding, graph: GraphBuilder): Promise<GraphSession> {
  const id = await withSavedModel(encodeSavedModel(graph), (folder, tags) => {
    try {
      return binding.loadSavedModel(folder, tags);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new EnvironmentError('graph-refused', `TensorFlow did not accept the training graph: ${reason}`, { cause });
    }
  });
  let isOpen = true;
  const assertOpen = (): void => {
    if (!isOpen) throw new Error('The engine is closed; create another to train or evaluate');
  };

  return {
    run(feeds, fetches) {
      assertOpen();
      const feedIds = feeds.map(({ shape, values }) =>
        binding.createTensor(shape, values instanceof Float32Array ? dataTypes.float32 : dataTypes.int32, values),
      );
      try {
        const outputs = binding.runSavedModel(
          id,
          feedIds,
          feeds.map((feed) => output(feed.name)).join(),
          fetches.map(output).join(),
        );
        return outputs.map((handle) => {
          const values = binding.tensorDataSync(handle.id);
          binding.deleteTensor(handle.id);
          return values;
        });
      } finally {
        for (const feedId of feedIds) binding.deleteTensor(feedId);
      }
    },
    prepare(feedName, fetchName) {
      const feed = output(feedName);
      const fetch = output(fetchName);
      const noShape: number[] = [];
      return (value) => {
        assertOpen();
        const feedId = binding.createTensor(noShape, dataTypes.int32, Int32Array.of(value));
        try {
          const [handle] = binding.runSavedModel(id, [feedId], feed, fetch);
          if (handle !== undefined) binding.deleteTensor(handle.id);
        } finally {
          binding.deleteTensor(feedId);
        }
      };
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      binding.deleteSavedModel(id);
    },
  };
}

/** `node` means its first output, as the binding wants it spelt. */
function output(edge: string): string {
  return edge.includes(':') ? edge : `${edge}:0`;
}
