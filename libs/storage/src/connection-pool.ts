/** A pool of connections that outlives the server: one that breaks leaves the pool, whoever held it and whatever they did. */
import { Pool, type PoolClient, type PoolConfig } from 'pg';

/**
 * As pg's own pool, with two mends. A connection that breaks while it is held does not end the process by an unheard `error`. And
 * it leaves the pool although it is never given back: drizzle gives none back whose `begin` fails, and after as many outages as
 * there are connections nothing could be queried any more.
 */
export class ConnectionPool extends Pool {
  constructor(config: PoolConfig) {
    super(config);
    this.on('error', () => {}); // An idle one is replaced at the next query, which says so if it cannot be.
    this.on('connect', (client) => client.on('error', () => {}));
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Parameters<Pool['connect']>[0]): void;
  override connect(callback?: Parameters<Pool['connect']>[0]): Promise<PoolClient> | void {
    if (callback !== undefined) return super.connect(callback);
    return super.connect().then((client) => {
      const giveBack = client.release.bind(client);
      let isHeld = true;
      client.release = (error) => {
        if (!isHeld) return;
        isHeld = false;
        client.off('end', drop);
        giveBack(error);
      };
      const drop = (): void => client.release(true);
      client.once('end', drop);
      return client;
    });
  }
}
