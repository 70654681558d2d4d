// N delayed jobs on graphile-worker, each of which records a row.

import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import { countdown, moment, over, say, settled, slices, task } from './client.js';

const quiet = new Logger(() => (level, message) => level === 'error' && console.error(message));
const preset = { worker: { ...task.program.settings, connectionString: task.url, logger: quiet } };

const utils = await makeWorkerUtils({ preset });
await utils.migrate();
say('ready');

const at = new Date(await moment());
for (const slice of slices(task.jobs, task.program.insertBatch)) {
  await utils.addJobs(slice.map((job) => ({ identifier: 'record', payload: { job }, runAt: at })));
}

const { zero, done } = countdown(task.jobs);
const taskList = {
  record: async ({ job }, helpers) => {
    await helpers.withPgClient((client) =>
      client.query({ name: 'record', text: 'INSERT INTO recorded (job) VALUES ($1)', values: [job] }),
    );
    done();
  },
};
await run({ preset, taskList, noHandleSignals: true });
say('waiting');

await zero;
await settled('SELECT count(*) FROM graphile_worker._private_jobs');
say('drained');
await over();
