// One run of one program: a store of its own, everything due at one moment, figures from the rows.

import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programs as settings } from '../settings.js';
import { Child } from './child.js';
import { Meter } from './cpu.js';
import { RECORDED, ROWS, figures } from './rows.js';

/** The CPU of a run is counted from so long before the moment: waiting belongs to being punctual. */
const BEFORE_MS = 200;
/** A store that is not through after this long has failed. */
const PATIENCE_S = 900;

/** A whole second that lies at least `ms` ahead: apalis knows no finer times. */
const ahead = (ms) => Math.ceil((Date.now() + ms) / 1000) * 1000;

let made = 0;

/** A database on the cluster, or a file, that is gone afterwards. */
async function withStore(cluster, kind, work) {
  if (kind === 'sqlite') {
    const folder = mkdtempSync(join(tmpdir(), 'tovholder-peers-sqlite-'));
    const file = join(folder, 'jobs.db');
    const query = async (text) => {
      const database = new DatabaseSync(file);
      try {
        return database.prepare(text).all();
      } finally {
        database.close();
      }
    };
    try {
      return await work({ kind, url: file, scratch: { File: file }, query });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const name = `run_${process.pid}_${made++}`;
  await cluster.create(name);
  const scratch = { Server: { through: cluster.url('postgres'), name } };
  try {
    return await work({ kind, url: cluster.url(name), scratch, query: (text) => cluster.query(name, text) });
  } finally {
    await cluster.drop(name);
  }
}

/** CPU milliseconds per job of the client and of the server between two moments. */
function perJob(meter, from, until, jobs) {
  const client = meter.between('client', from, until) / jobs;
  const server = meter.between('server', from, until) / jobs;
  return { client_cpu_ms: client, server_cpu_ms: server, cpu_ms: client + server };
}

/** One run of a peer. The moment is put off until everything could be enqueued before it. */
export async function peer(cluster, name, program, { task, jobs, steps, timerMs }) {
  let leadMs = 3000 + jobs * (settings[name].enqueueMs ?? 0.1);
  for (;;) {
    const run = await withStore(cluster, program.store, (store) => once(store, leadMs));
    if (!run.tookMs) return { program: name, task, store: program.store, jobs, per_second: jobs / run.seconds, ...run };
    console.error(`  ${name}: enqueueing took ${Math.round(run.tookMs / 1000)} s, past the moment; once more`);
    leadMs = run.tookMs * 1.5 + 2000;
  }

  async function once(store, leadMs) {
    await store.query(RECORDED[store.kind]);
    const client = new Child(program.command, program.arguments, {
      url: store.url, jobs, timerMs, program: settings[name],
    });
    const meter = new Meter({
      client: () => client.pid,
      server: () => (store.kind === 'postgres' ? cluster.pid : undefined),
    });
    try {
      await client.wait('ready', 60);
      const began = Date.now();
      const at = ahead(leadMs);
      client.tell({ at });
      await client.wait('waiting', PATIENCE_S);
      // As after any nightly vacuum: the planner knows the tables, and no run has it in its middle.
      if (store.kind === 'postgres') await store.query('VACUUM (ANALYZE)');
      if (Date.now() > at - 1000) return { tookMs: Date.now() - began };
      await client.wait('drained', (at - Date.now()) / 1000 + PATIENCE_S);
      const until = Date.now();
      meter.stop();
      const rows = await store.query(ROWS.peers[store.kind]);
      return {
        ...figures(rows, { at, jobs, steps, timerMs, timers: 'relative' }),
        ...perJob(meter, at - BEFORE_MS, until, jobs),
      };
    } finally {
      meter.stop();
      await client.end();
    }
  }
}

/** What ours go through, by task: a row of history for each step, or that and a mail in the outbox. */
const PLAYS = { due: { alone: 'Moves', mail: 'Due' }, steps: { alone: 'MovesInSteps', mail: 'Steps' } };

/** One run of ours: `tovholder bench measure`, the process of its own that `tovholder bench` starts. */
export async function ours(cluster, tovholder, { task, kind, writes, jobs, steps, timerMs }) {
  return withStore(cluster, kind, async (store) => {
    const play = PLAYS[task][writes];
    await answer(tovholder, { Stage: { database: store.scratch, play, cases: jobs } });
    const at = ahead(3000);
    // A step of ours lasts a day at least: the clock runs so fast that a day is the timer.
    const rate = task === 'due' ? 1 : 86_400_000 / timerMs;
    const due = { database: store.scratch, play, cases: jobs, at: new Date(at).toISOString(), rate };
    const { child, answered } = asked(tovholder, { Due: due });
    const meter = new Meter({
      client: () => child.pid,
      server: () => (kind === 'postgres' ? cluster.pid : undefined),
    }, 50);
    try {
      const drained = await answered;
      meter.stop();
      const rows = (await store.query(ROWS.ours[kind])).map((row) => withTimes(row, drained, at, kind));
      const found = figures(rows, { at, jobs, steps, timerMs, timers: 'planned' });
      if (kind === 'sqlite') Object.assign(found, told(drained));
      return {
        program: NAMES[writes], task, store: kind, jobs, per_second: jobs / found.seconds, ...found,
        ...perJob(meter, at - BEFORE_MS, at + found.seconds * 1000, jobs),
      };
    } finally {
      meter.stop();
    }
  });
}

/** What the two of ours are called in the table. */
const NAMES = { alone: 'tovholder', mail: 'tovholder + mail' };

/** On SQLite only the program itself knows when it committed. */
function withTimes(row, drained, at, kind) {
  if (kind === 'postgres') return row;
  const last = at + Math.max(...drained.commits.map(([late]) => late));
  return { ...row, wrote: last, stood: last };
}

function told({ commits, early }) {
  const all = commits.reduce((sum, [, cases]) => sum + cases, 0);
  const share = (part) => {
    let left = Math.ceil(all * part);
    return commits.find(([, cases]) => (left -= cases) <= 0)[0];
  };
  return { seconds: commits.at(-1)[0] / 1000, first_ms: commits[0][0], p50_ms: share(0.5), p99_ms: share(0.99), early };
}

/** A measurement in a process of its own: its task goes in as a line, its figures come out as JSON. */
function asked(tovholder, task) {
  const child = new Child(tovholder, ['bench', 'measure', '--format', 'json']);
  child.tell(task);
  return { child, answered: child.text(PATIENCE_S) };
}

const answer = (tovholder, task) => asked(tovholder, task).answered;
