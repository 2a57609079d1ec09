import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const PACKAGES = {
  'g++': { 'apt-get': 'g++', dnf: 'gcc-c++' },
  python: { 'apt-get': 'python3', dnf: 'python3' },
  pip: { 'apt-get': 'python3-pip', dnf: 'python3-pip' },
} as const;

export type SystemPackage = keyof typeof PACKAGES;

/** The command that installs what is missing, for the machine's package manager (apt-get where none is known). */
export function installCommand(missing: readonly SystemPackage[], env: NodeJS.ProcessEnv): string {
  const manager =
    findProgram('apt-get', env) === undefined && findProgram('dnf', env) !== undefined ? 'dnf' : 'apt-get';
  const names = missing.map((name) => PACKAGES[name][manager]).join(' ');
  const asRoot = process.getuid?.() === 0 ? '' : 'sudo ';
  const refresh = manager === 'apt-get' ? `${asRoot}apt-get update && ` : '';
  return `${refresh}${asRoot}${manager} install -y ${names}`;
}

/** Where the search path has a program, without starting it. */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
