/**
 * Starts a program of this workspace on a Node that reads TypeScript: this one, or the one that npm brought as an optional
 * dependency. Runs on Node 20 and newer. npm 11 also links that Node into `node_modules/.bin`; npm 10 removes the link again
 * when it drops the package of the other processor, so nothing here relies on it.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { constants, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const inWorkspace = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
/** Of what was compiled: a third of the time that a command takes to begin. */
const compileCache = process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'node-compile-cache');
const nodeOfNpm = inWorkspace(`node_modules/node-${process.platform}-${process.arch}/bin/node`);

/** Runs `script`, a path in the workspace, with this process's arguments; `skipped` of them are ours. */
export async function launch(script, skipped = 0) {
  if (!existsSync(inWorkspace('node_modules/.package-lock.json'))) {
    refuse('The packages of this workspace should be in node_modules, and are not.\nRun: npm ci');
  } else if (process.features.typescript) {
    enableCompileCache(compileCache);
    process.argv.splice(1, 1 + skipped, inWorkspace(script));
    await import(new URL(`../../${script}`, import.meta.url).href);
  } else if (existsSync(nodeOfNpm)) {
    runOn(nodeOfNpm, [inWorkspace(script), ...process.argv.slice(2 + skipped)]);
  } else {
    const found = `this is ${process.version}, and npm brought none for ${process.platform}-${process.arch}`;
    refuse(`Node 24 is needed; ${found}.\nRun it with a Node 24 of your own, e.g.: npx -y node@24 ${script}`);
  }
}

function runOn(node, args) {
  // Programs that it starts by name (`node`, and all whose first line asks for it) find the same Node.
  const env = {
    ...process.env,
    NODE_COMPILE_CACHE: compileCache,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
  };
  const child = spawn(node, args, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => refuse(`${node} does not start: ${error.message}`));
  child.on('close', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

function refuse(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
