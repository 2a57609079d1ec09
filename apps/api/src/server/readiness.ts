/** Whether the server can do its work: the database answers, has the schema that this version knows, and nobody is stopping it. */
import { hasPresentSchema, type Database } from '@kinetune/storage';

export interface Readiness {
  /** Why it is not ready; undefined where it is. */
  refusal(): Promise<string | undefined>;
  /** From now on it is not: a balancer sends nothing more. */
  stop(): void;
}

const ANSWER_MS = 5_000;

export function createReadiness(db: Database): Readiness {
  let isStopping = false;
  return {
    async refusal() {
      if (isStopping) return 'the server is stopping';
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), ANSWER_MS)));
      try {
        const answer = await Promise.race([hasPresentSchema(db), late]);
        if (answer === true) return undefined;
        return answer === 'late'
          ? 'the database does not answer in time'
          : 'the database has another schema than this version';
      } catch {
        return 'the database does not answer';
      } finally {
        clearTimeout(timer);
      }
    },
    stop() {
      isStopping = true;
    },
  };
}
