// A private PostgreSQL cluster from the Debian package, in a folder of its own; it ends with this process.

import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { postgres as settings } from '../settings.js';

/** A server's program, which Debian keeps out of the way. */
function program(name) {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(base, version, 'bin', name)).find(existsSync);
  return found ?? execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package made. */
function owner() {
  if (process.getuid() !== 0) return null;
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export class Cluster {
  /** Makes and starts a cluster, and waits until it answers. */
  static async start() {
    const cluster = new Cluster();
    cluster.folder = mkdtempSync(join(tmpdir(), 'tovholder-peers-'));
    process.on('exit', () => cluster.kill());
    const as = owner() ?? {};
    if (as.uid !== undefined) chownSync(cluster.folder, as.uid, as.gid);
    const data = join(cluster.folder, 'data');
    execFileSync(
      program('initdb'),
      ['--auth=trust', '--username=tovholder', '--encoding=UTF8', '--locale=C.UTF-8', '-D', data],
      { ...as, cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const log = openSync(join(cluster.folder, 'log'), 'w');
    cluster.server = spawn(
      program('postgres'),
      ['-D', data, '-k', cluster.folder, '-c', 'listen_addresses=', ...options],
      { ...as, cwd: '/', stdio: ['ignore', log, log] },
    );
    await cluster.#answers();
    return cluster;
  }

  /** The first process of the server: all others are its children. */
  get pid() {
    return this.server.pid;
  }

  async #answers() {
    for (let tries = 0; tries < 200; tries++) {
      if (this.server.exitCode !== null) break;
      try {
        await this.query('postgres', 'SELECT 1');
        return;
      } catch {
        await new Promise((later) => setTimeout(later, 100));
      }
    }
    throw new Error(`PostgreSQL does not answer:\n${readFileSync(join(this.folder, 'log'), 'utf8')}`);
  }

  /** Where a database is. The socket's folder stands in the host, as every driver here understands it. */
  url(database) {
    return `postgres://tovholder@${encodeURIComponent(this.folder)}/${database}`;
  }

  /** A connection of its own to a database; the caller ends it. */
  async connect(database) {
    const client = new pg.Client({ host: this.folder, user: 'tovholder', database });
    await client.connect();
    return client;
  }

  async query(database, text, values) {
    const client = await this.connect(database);
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** A new, empty database, after a checkpoint: no run pays for what the one before it wrote. */
  async create(database) {
    await this.query('postgres', `CREATE DATABASE ${database}`);
    await this.query('postgres', 'CHECKPOINT');
  }

  async drop(database) {
    await this.query('postgres', `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  }

  kill() {
    if (this.server?.exitCode === null) {
      this.server.kill('SIGQUIT');
      // It writes until it is gone, and it is gone when its own lock file is.
      const gone = 'for _ in $(seq 100); do [ -e "$0" ] || exit 0; sleep 0.05; done';
      execFileSync('sh', ['-c', gone, join(this.folder, 'data', 'postmaster.pid')]);
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async stop() {
    const ended = new Promise((done) => this.server.once('exit', done));
    this.server.kill('SIGINT');
    await ended;
    this.kill();
  }
}
