/**
 * A network between a process under test and a port of ours that can be cut: what is sent is lost without a word, as between
 * machines. With iproute2 and root it is a network namespace, whose cable is pulled; else a relay that passes nothing on.
 */
import { execFileSync } from 'node:child_process';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface SeverableNetwork extends AsyncDisposable {
  readonly kind: 'network namespace' | 'relay';
  /** Put before a command, to run it on the far side. */
  readonly within: readonly string[];
  /** From there, the `host:port` that leads to the port of our loopback. */
  readonly address: string;
  cut(): void;
  heal(): void;
}

export async function createSeverableNetwork(port: number): Promise<SeverableNetwork> {
  const namespace = createNamespace();
  const relay = await startRelay(namespace?.address ?? '127.0.0.1', port);
  return {
    kind: namespace === undefined ? 'relay' : 'network namespace',
    within: namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace.name],
    address: relay.address,
    cut: () => (namespace === undefined ? relay.hold() : ip('link', 'set', namespace.cable, 'down')),
    heal: () => (namespace === undefined ? relay.pass() : ip('link', 'set', namespace.cable, 'up')),
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]();
      if (namespace !== undefined) ip('netns', 'del', namespace.name); // and with it the cable
    },
  };
}

interface Namespace {
  readonly name: string;
  /** Our end of it. */
  readonly cable: string;
  /** Of our end. */
  readonly address: string;
}

/** Undefined where there is no iproute2, or the right to use it. */
function createNamespace(): Namespace | undefined {
  const id = String(process.pid);
  const [name, cable, inside] = [`kinetune-${id}`, `kto${id}`, `kti${id}`];
  // Of the range that is kept for tests of networks (RFC 2544); processes at the same time differ in it.
  const subnet = `198.18.${process.pid % 256}.${4 * (Math.floor(process.pid / 256) % 64)}`;
  const at = (offset: number): string => subnet.replace(/\d+$/, (last) => String(Number(last) + offset));
  try {
    ip('netns', 'add', name);
  } catch {
    return undefined;
  }
  try {
    ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', inside);
    ip('link', 'set', inside, 'netns', name);
    ip('addr', 'add', `${at(1)}/30`, 'dev', cable);
    ip('link', 'set', cable, 'up');
    ip('netns', 'exec', name, 'ip', 'addr', 'add', `${at(2)}/30`, 'dev', inside);
    ip('netns', 'exec', name, 'ip', 'link', 'set', inside, 'up');
    return { name, cable, address: at(1) };
  } catch {
    ip('netns', 'del', name);
    return undefined;
  }
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: 'pipe' });
}

interface Relay extends AsyncDisposable {
  readonly address: string;
  /** Passes nothing on and takes no end for one, until `pass`. */
  hold(): void;
  pass(): void;
}

async function startRelay(host: string, port: number): Promise<Relay> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isHeld = false;
  const server: Server = createServer((from) => {
    const pair = [from, connect(port, '127.0.0.1')] as const;
    pairs.add(pair);
    for (const [one, other] of [pair, pair.toReversed()] as [Socket, Socket][]) {
      one.on('data', (chunk: Buffer) => other.write(chunk));
      one.on('error', () => one.destroy());
      one.on('close', () => (pairs.delete(pair), other.destroy()));
      if (isHeld) one.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  const each = (work: (socket: Socket) => void): void => pairs.forEach((pair) => pair.forEach(work));
  return {
    address: `${host}:${address.port}`,
    hold() {
      isHeld = true;
      each((socket) => socket.pause());
    },
    pass() {
      isHeld = false;
      each((socket) => socket.resume());
    },
    async [Symbol.asyncDispose]() {
      each((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
