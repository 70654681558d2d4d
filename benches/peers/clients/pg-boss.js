// N delayed jobs on pg-boss, each of which records a row; a batch's rows are one statement.

import { PgBoss } from 'pg-boss';
import { countdown, moment, over, say, settled, slices, task } from './client.js';

const QUEUE = 'record';
const boss = new PgBoss({ connectionString: task.url, ...task.program.constructor });
boss.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
await boss.start();
await boss.createQueue(QUEUE, task.program.queue);
say('ready');

const at = new Date(await moment());
for (const slice of slices(task.jobs, task.program.insertBatch)) {
  await boss.insert(QUEUE, slice.map((job) => ({ data: { job }, startAfter: at })));
}

const { zero, done } = countdown(task.jobs);
const TEXT = 'INSERT INTO recorded (job) SELECT unnest($1::int[])';
await boss.work(QUEUE, task.program.settings, async (jobs, tx) => {
  await tx.executeSql(TEXT, [jobs.map(({ data }) => data.job)]);
  done(jobs.length);
});
say('waiting');

await zero;
await settled(`SELECT count(*) FROM pgboss.job WHERE name = '${QUEUE}' AND state <> 'completed'`);
say('drained');
await over();
