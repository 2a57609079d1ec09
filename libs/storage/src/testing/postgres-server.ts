/** A PostgreSQL server of the tests' own: in a temporary folder, on loopback, gone afterwards. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface PostgresServer extends AsyncDisposable {
  /** Address of a new, empty database. */
  newDatabase(): string;
  readonly port: number;
  /** Ends it as a power cut does, or in good order, and starts it again. */
  restart(how: 'immediate' | 'fast'): void;
  stop(how: 'immediate' | 'fast'): void;
  start(): void;
}

/** The folder of initdb and pg_ctl; undefined where PostgreSQL is not installed. Debian keeps them off the path. */
export function findPostgres(): string | undefined {
  const versions = '/usr/lib/postgresql';
  const packaged = existsSync(versions)
    ? readdirSync(versions)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(versions, version, 'bin'))
    : [];
  return [...packaged, ...(process.env['PATH'] ?? '').split(delimiter)].find((folder) =>
    ['initdb', 'pg_ctl', 'psql'].every((program) => folder !== '' && existsSync(join(folder, program))),
  );
}

export async function startPostgres(): Promise<PostgresServer> {
  const programs = findPostgres();
  if (programs === undefined) throw new Error('PostgreSQL is not installed: apt-get install -y postgresql');
  const folder = mkdtempSync(join(tmpdir(), 'kinetune-postgres-'));
  const user = serverUser();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
  const run = (program: string, ...words: readonly string[]): void => {
    execFileSync(join(programs, program), words, { cwd: folder, stdio: 'ignore', timeout: 60_000, ...user });
  };
  const files = join(folder, 'files');
  const port = await freePort();
  run('initdb', '--pgdata', files, '--username', 'kinetune', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync');
  const settings = `-p ${port} -k ${folder} -h 127.0.0.1 -c max_connections=100`;
  const server = {
    start: () => run('pg_ctl', 'start', '-w', '-D', files, '-l', join(folder, 'log'), '-o', settings),
    stop: (how: 'immediate' | 'fast') => run('pg_ctl', 'stop', '-w', '-D', files, '-m', how),
  };
  server.start();
  let databases = 0;
  let isUp = true;
  return {
    port,
    newDatabase() {
      const name = `kinetune_${++databases}`;
      run('psql', '-h', '127.0.0.1', '-p', String(port), '-U', 'kinetune', '-c', `create database ${name}`, 'postgres');
      return `postgresql://kinetune@127.0.0.1:${port}/${name}`;
    },
    stop(how) {
      server.stop(how);
      isUp = false;
    },
    start() {
      server.start();
      isUp = true;
    },
    restart(how) {
      server.stop(how);
      server.start();
    },
    async [Symbol.asyncDispose]() {
      if (isUp) server.stop('immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root; the package's own user is there for it. */
function serverUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return address.port;
}
