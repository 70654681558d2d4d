// N workflows of three durable steps with timers between on DBOS; each step records a row.

import { DBOS } from '@dbos-inc/dbos-sdk';
import pg from 'pg';
import { countdown, moment, over, say, settled, task, together } from './client.js';

const { stepPool, ...settings } = task.program.settings;
const pool = new pg.Pool({ connectionString: task.url, max: stepPool });
const record = (job, step) =>
  pool.query({ name: 'record', text: 'INSERT INTO recorded (job, step) VALUES ($1, $2)', values: [job, step] });

const { zero, done } = countdown(task.jobs);
const workflow = DBOS.registerWorkflow(
  async (job, at) => {
    // All start at one moment, as ours: until then each has slept durably.
    await DBOS.sleep(Math.max(0, at - Date.now()));
    await DBOS.runStep(async () => void (await record(job, 1)), { name: 'one' });
    await DBOS.sleep(task.timerMs);
    await DBOS.runStep(async () => void (await record(job, 2)), { name: 'two' });
    await DBOS.sleep(task.timerMs);
    await DBOS.runStep(async () => void (await record(job, 3)), { name: 'three' });
    done();
  },
  { name: 'three-steps' },
);

DBOS.setConfig({ name: 'peers', systemDatabaseUrl: task.url, logLevel: 'error', ...settings });
await DBOS.launch();
say('ready');

const at = await moment();
await together(task.jobs, task.program.startTogether, (job) => DBOS.startWorkflow(workflow)(job, at));
say('waiting');

await zero;
await settled(`SELECT count(*) FROM dbos.workflow_status WHERE status <> 'SUCCESS'`);
say('drained');
await over();
