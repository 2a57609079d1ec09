#!/usr/bin/env node
/** Starts src/main.ts on a Node that reads TypeScript: this one, or the one that npm brought. Runs on Node 20 and newer. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const nodeOfNpm = here('../../node_modules/.bin/node');

if (!existsSync(here('../../node_modules/.package-lock.json'))) {
  process.stderr.write('The packages of this workspace should be in node_modules, and are not.\nRun: npm ci\n');
  process.exitCode = 1;
} else if (process.features.typescript) {
  await import('./src/main.ts');
} else if (existsSync(nodeOfNpm)) {
  const child = spawn(nodeOfNpm, [here('src/main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('close', (exitCode) => (process.exitCode = exitCode ?? 1));
} else {
  process.stderr.write(
    `Node 24 is needed; this is ${process.version}, and npm brought none for ${process.platform}-${process.arch}.\nRun: npx -y node@24 tools/native/main.mjs\n`,
  );
  process.exitCode = 1;
}
