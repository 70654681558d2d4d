// Ours, theirs, ours, theirs …: runs, judges and tells. `run` starts it.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DRIFT_MAX, baseline, drift } from './baseline.js';
import { Cluster } from './cluster.js';
import { ours, peer } from './measure.js';
import { here, ours as found, tasks, version } from './programs.js';
import { summary, table } from './report.js';

const HELP = `\
Ours beside job queues and workflow engines of others, on one private PostgreSQL.

  benches/peers/run [--jobs 1000,10000] [--rounds 3] [--only NAME,…] [--json]

  --jobs N,…       how many delayed jobs, due at one instant       (default 10000)
  --workflows N,…  how many workflows of three steps               (default: as --jobs)
  --rounds N       how often each pair runs; medians are told      (default 3)
  --only NAME,…    due, steps, or programs:
                   ${Object.values(tasks).flatMap(Object.keys).join(', ')}
  --repeats N      how often a pair is repeated because the machine itself was
                   not equally fast before and after it            (default 3)
  --own none       without ours: the others alone
  --tovholder PATH our program, where it is not in target/release
  --json           all figures as JSON, instead of the table
  --out FILE       the JSON into a file beside the table`;

/**
 * How long a timer between two steps is. Ours is the shortest that the language knows, on a clock that runs
 * so much faster that it is this.
 */
const TIMER_MS = 1000;

const { values: options } = parseArgs({
  options: {
    jobs: { type: 'string', default: '10000' },
    workflows: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    repeats: { type: 'string', default: '3' },
    own: { type: 'string', default: 'yes' },
    tovholder: { type: 'string' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const say = (text) => process.stderr.write(`${text}\n`);
const whole = (text, name) => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} takes whole numbers from 1, not "${text}"`);
  return number;
};

/** Everything that is to be run, as pairs of ours and one of theirs. */
function plan() {
  const only = options.only.split(',').filter(Boolean);
  const known = [...Object.keys(tasks), ...Object.values(tasks).flatMap(Object.keys)];
  const unknown = only.find((name) => !known.includes(name));
  if (unknown) throw new Error(`--only knows ${known.join(', ')}, not "${unknown}"`);
  const counts = { due: options.jobs, steps: options.workflows ?? options.jobs };
  return Object.entries(tasks).flatMap(([task, programs]) =>
    counts[task].split(',').flatMap((count) =>
      Object.entries(programs)
        .filter(([name]) => only.length === 0 || only.includes(name) || only.includes(task))
        .map(([name, program]) => ({
          name, program, task,
          jobs: whole(count, task === 'due' ? 'jobs' : 'workflows'),
          steps: task === 'due' ? 1 : 3,
          timerMs: task === 'due' ? 0 : TIMER_MS,
        })),
    ),
  );
}

/** Ours, alone and with a mail for each step, and theirs once, with the machine's own speed before, between and after. */
async function pair(cluster, tovholder, work) {
  const rates = [await baseline(cluster)];
  const own = {};
  for (const writes of tovholder ? ['alone', 'mail'] : []) {
    own[writes] = await ours(cluster, tovholder, { ...work, writes, kind: work.program.store });
    rates.push(await baseline(cluster));
  }
  const their = await peer(cluster, work.name, work.program, work);
  rates.push(await baseline(cluster));
  return { ...work, own, their, baseline: rates, drift: drift(rates) };
}

/** The same until the machine was equally fast all along, or the repeats are used up. */
async function steadyPair(cluster, tovholder, work) {
  for (let left = whole(options.repeats, 'repeats'); ; left--) {
    const run = await pair(cluster, tovholder, work);
    const percent = Math.round(run.drift * 100);
    const rate = (one) => (one ? `${Math.round(one.per_second)}/s` : '–');
    say(`  ${work.jobs} × ${work.task}: tovholder ${rate(run.own.alone)}, with mail ${rate(run.own.mail)}, ${work.name} ${rate(run.their)}, baseline ±${percent} %`);
    if (run.drift <= DRIFT_MAX || left === 1) return run;
    say('  the machine was not equally fast before and after: once more');
  }
}

function installApalis() {
  const folder = join(here, 'apalis');
  const env = { ...process.env, CARGO_TARGET_DIR: join(folder, 'target') };
  execFileSync('cargo', ['build', '--release', '--locked', '--quiet'], { cwd: folder, env, stdio: 'inherit' });
}

async function main() {
  if (options.help) return console.log(HELP);
  const works = plan();
  const rounds = whole(options.rounds, 'rounds');
  const tovholder = options.own === 'none' ? undefined : found(options.tovholder);
  if (works.some(({ name }) => name.startsWith('apalis'))) installApalis();

  const cluster = await Cluster.start();
  const runs = [];
  try {
    await cluster.create('baseline');
    const [{ server_version: server }] = await cluster.query('postgres', 'SHOW server_version');
    for (let round = 1; round <= rounds; round++) {
      say(`round ${round} of ${rounds}`);
      for (const work of works) runs.push(await steadyPair(cluster, tovholder, work));
    }
    const versions = Object.fromEntries([...new Set(works.map(({ name }) => name))].map((name) => [name, version(name)]));
    const told = summary(runs, { postgresql: server, node: process.version, versions, timer_ms: TIMER_MS });
    if (options.out) writeFileSync(options.out, `${JSON.stringify(told, null, 2)}\n`);
    console.log(options.json ? JSON.stringify(told, null, 2) : table(told));
  } finally {
    await cluster.stop();
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
main().catch((error) => {
  say(`run: ${error.message}`);
  process.exit(1);
});
