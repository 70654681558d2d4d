// What can be run: each program, the tasks it has, the store it works on and how its client is started.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { programs as settings } from '../settings.js';

export const here = fileURLToPath(new URL('..', import.meta.url));
export const apalis = join(here, 'apalis', 'target', 'release', 'peers-apalis');

const node = (name) => ({ command: process.execPath, arguments: [join(here, 'clients', `${name}.js`)] });

/** task → program → {store, command, arguments}. */
export const tasks = {
  due: {
    'graphile-worker': { store: 'postgres', ...node('graphile-worker') },
    'pg-boss': { store: 'postgres', ...node('pg-boss') },
    'apalis-postgres': { store: 'postgres', command: apalis, arguments: ['postgres'] },
    'apalis-sqlite': { store: 'sqlite', command: apalis, arguments: ['sqlite'] },
  },
  steps: {
    dbos: { store: 'postgres', ...node('dbos') },
    restate: { store: 'postgres', ...node('restate') },
  },
};

/** The version that is installed, from the package itself or from Cargo's lock file. */
export function version(name) {
  const { package: npm, crate } = settings[name];
  if (npm) return JSON.parse(readFileSync(join(here, 'node_modules', npm, 'package.json'), 'utf8')).version;
  const lock = readFileSync(join(here, 'apalis', 'Cargo.lock'), 'utf8');
  return lock.match(new RegExp(`name = "${crate}"\nversion = "([^"]+)"`))[1];
}

/** Where our own release build is, unless `--tovholder` says. */
export function ours(given) {
  const target = process.env.CARGO_TARGET_DIR ?? join(here, '..', '..', 'target');
  const program = given ?? join(target, 'release', 'tovholder');
  if (!existsSync(program)) throw new Error(`${program} is missing: cargo build --release, or --tovholder PATH`);
  return program;
}
