// That the measurement fails when it should: `node --test src/` in benches/peers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drift } from './baseline.js';
import { median, summary, table } from './report.js';
import { figures, once } from './rows.js';

const AT = 1_000_000;
/** `jobs` jobs of three steps; each step is written right after its timer of a second, and stands 1 ms later. */
const rows = (jobs) =>
  Array.from({ length: jobs }, (_, job) =>
    [1, 2, 3].map((step) => ({ job, step, wrote: AT + job + (step - 1) * 1000, stood: AT + job + (step - 1) * 1000 + 1 })),
  ).flat();
const run = { at: AT, jobs: 100, steps: 3, timerMs: 1000, timers: 'relative' };

test('a job that is missing or there twice ends the run', () => {
  assert.doesNotThrow(() => once(rows(100), run));
  assert.throws(() => once(rows(100).slice(1), run), /300 rows .* there are 299, 299 different/);
  assert.throws(() => once([...rows(100), rows(1)[0]], run), /there are 301, 300 different/);
  assert.throws(() => once([...rows(100).slice(1), rows(2)[5]], run), /there are 300, 299 different/);
});

test('the figures are those of the rows', () => {
  const found = figures(rows(100), run);
  assert.deepEqual(found, { seconds: 2.1, first_ms: 1, p50_ms: 50, p99_ms: 99, early: 0 });
});

test('before the moment, or before the timer has run, is early', () => {
  const hasty = rows(100);
  hasty[0] = { ...hasty[0], wrote: AT - 1 };
  hasty[4] = { ...hasty[4], wrote: hasty[4].wrote - 2 };
  assert.equal(figures(hasty, run).early, 2);
  // Planned from the moment on, a step may follow a late one sooner, but not its plan.
  assert.equal(figures(hasty, { ...run, timers: 'planned' }).early, 2);
  hasty[4] = { ...hasty[4], wrote: AT + 1000 };
  assert.equal(figures(hasty, run).early, 2);
  assert.equal(figures(hasty, { ...run, timers: 'planned' }).early, 1);
});

test('drift and median', () => {
  assert.ok(Math.abs(drift([100, 125, 110]) - 0.25) < 1e-9);
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2);
  assert.equal(median([]), null);
});

test('ours stand in the table alone and with mail, each with its own ratio, within 80 columns', () => {
  const run = (program, per_second) => ({ program, task: 'due', store: 'postgres', jobs: 10_000, per_second, cpu_ms: 0.1, p99_ms: 400, first_ms: 30, early: 0 });
  const pairs = [{
    name: 'apalis-postgres', task: 'due', jobs: 10_000, program: { store: 'postgres' }, drift: 0, baseline: [],
    own: { alone: run('tovholder', 30_000), mail: run('tovholder + mail', 20_000) }, their: run('apalis-postgres', 5000),
  }];
  const told = summary(pairs, { postgresql: '15', node: 'v26', versions: { 'apalis-postgres': '1' }, timer_ms: 1000 });
  assert.deepEqual(told.lines.map(({ program, ratio, mail_ratio }) => [program, ratio, mail_ratio]), [
    ['tovholder', undefined, undefined], ['tovholder + mail', undefined, undefined], ['apalis-postgres', 6, 4],
  ]);
  const lines = table(told).split('\n');
  assert.ok(lines.some((line) => /^apalis-postgres .* 6\.00  4\.00$/.test(line)), lines.join('\n'));
  assert.deepEqual(lines.filter((line) => line.length > 80), []);
});
