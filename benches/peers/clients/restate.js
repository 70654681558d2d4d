// N workflows of three durable steps with timers between on Restate; each step records a row.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as restate from '@restatedev/restate-sdk';
import * as clients from '@restatedev/restate-sdk-clients';
import pg from 'pg';
import { countdown, moment, over, say, task, together } from './client.js';

const { config, stepPool } = task.program.settings;
const pool = new pg.Pool({ connectionString: task.url, max: stepPool });
const record = (job, step) =>
  pool.query({ name: 'record', text: 'INSERT INTO recorded (job, step) VALUES ($1, $2)', values: [job, step] });

const { zero, done } = countdown(task.jobs);
const steps = restate.service({
  name: 'steps',
  handlers: {
    three: async (context, { job, at }) => {
      // All start at one moment, as ours: until then each has slept durably.
      await context.sleep(Math.max(1, at - Date.now()));
      await context.run('one', async () => void (await record(job, 1)));
      await context.sleep(task.timerMs);
      await context.run('two', async () => void (await record(job, 2)));
      await context.sleep(task.timerMs);
      await context.run('three', async () => void (await record(job, 3)));
      done();
    },
  },
});

/** A port of this machine that nobody uses. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

const [service, ingress, admin, node] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
await restate.serve({ services: [steps], port: service });

const folder = mkdtempSync(join(tmpdir(), 'tovholder-restate-'));
const binary = new URL(
  `../node_modules/@restatedev/restate-server-linux-${process.arch}/bin/restate-server`,
  import.meta.url,
).pathname;
const server = spawn(binary, ['--no-logo', '--base-dir', folder], {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: {
    ...process.env,
    ...config,
    RESTATE_LISTEN_MODE: 'tcp',
    RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
  },
});
process.on('exit', () => {
  server.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Asks again until there is an answer: the server needs a moment. */
async function insist(url, options) {
  for (let tries = 0; ; tries++) {
    try {
      const answer = await fetch(url, options);
      if (answer.ok) return answer.json();
      if (tries > 100) throw new Error(await answer.text());
    } catch (error) {
      if (tries > 100) throw error;
    }
    await new Promise((later) => setTimeout(later, 200));
  }
}

await insist(`http://127.0.0.1:${admin}/deployments`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ uri: `http://127.0.0.1:${service}` }),
});
say('ready');

const at = await moment();
const client = clients.connect({ url: `http://127.0.0.1:${ingress}` }).serviceSendClient({ name: 'steps' });
await together(task.jobs, task.program.startTogether, (job) => client.three({ job, at }));
say('waiting');

/** What Restate has not marked as completed. */
async function unfinished() {
  const { rows } = await insist(`http://127.0.0.1:${admin}/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query: "SELECT count(*) AS open FROM sys_invocation WHERE status <> 'completed'" }),
  });
  return Number(rows[0].open);
}

await zero;
while ((await unfinished()) > 0) await new Promise((later) => setTimeout(later, 50));
say('drained');
await over();
