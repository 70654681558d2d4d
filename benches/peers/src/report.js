// Medians of the rounds, as JSON and as one table of 80 columns.

import { DRIFT_MAX } from './baseline.js';

/** The middle one; of an even number the lower, so that it is a figure that was measured. */
export function median(values) {
  const sorted = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor((sorted.length - 1) / 2)] : null;
}

const COLUMNS = ['seconds', 'per_second', 'client_cpu_ms', 'server_cpu_ms', 'cpu_ms', 'first_ms', 'p50_ms', 'p99_ms'];

/** One line: the median of each figure of several runs; of early ones the most. */
function line(runs) {
  const { program, task, store, jobs } = runs[0];
  const figures = Object.fromEntries(COLUMNS.map((column) => [column, median(runs.map((run) => run[column]))]));
  return { program, task, store, jobs, runs: runs.length, ...figures, early: Math.max(...runs.map(({ early }) => early)) };
}

/** Of the pairs of one peer: what ours come to beside theirs, each name with what stands in front. */
function ratios(pairs, writes, front) {
  const beside = (figure) => median(pairs.map(({ own, their }) => own[writes] && own[writes][figure] / their[figure]));
  return Object.fromEntries(
    [['ratio', 'per_second'], ['cpu_ratio', 'cpu_ms'], ['p99_ratio', 'p99_ms']].map(([name, figure]) => [front + name, beside(figure)]),
  );
}

/** Everything that was found; `pairs` holds every single run. */
export function summary(pairs, machine) {
  const groups = Map.groupBy(pairs, ({ task, jobs, program }) => `${task} ${jobs} ${program.store}`);
  const lines = [...groups.values()].flatMap((group) => {
    const own = ['alone', 'mail'].map((writes) => group.map((pair) => pair.own[writes]).filter(Boolean));
    const theirs = [...Map.groupBy(group, ({ name }) => name).values()].map((same) => ({
      ...line(same.map(({ their }) => their)),
      ...ratios(same, 'alone', ''),
      ...ratios(same, 'mail', 'mail_'),
      drifted: same.filter(({ drift }) => drift > DRIFT_MAX).length,
    }));
    return [...own.filter((runs) => runs.length).map(line), ...theirs];
  });
  const runs = pairs.map(({ name, own, their, baseline, drift }) => ({ name, baseline, drift, own, their }));
  return { ...machine, lines, runs };
}

const number = (value, digits) => (value == null ? '–' : value.toFixed(digits));
const small = (value) => number(value, value != null && value < 10 ? 2 : 0);

const TITLES = {
  'due postgres': 'delayed jobs due at one instant, each records a row · PostgreSQL',
  'due sqlite': 'delayed jobs due at one instant, each records a row · SQLite',
  'steps postgres': 'workflows of three durable steps with two timers',
};

/** One table for people. */
export function table(told) {
  const head = ['', 'jobs/s', 'CPU ms', 'client', 'server', 'first ms', 'p99 ms', 'early', 'ratio', 'mail'];
  const groups = Map.groupBy(told.lines, ({ task, store, jobs }) => `${jobs} ${TITLES[`${task} ${store}`]}`);
  const parts = [...groups].map(([title, lines]) => {
    const timers = lines[0].task === 'steps' ? ` of ${told.timer_ms} ms` : '';
    return [`${title}${timers}`, row(head), ...lines.map((one) => row(cells(one)))].join('\n');
  });
  const versions = Object.entries(told.versions).map(([name, version]) => `${name} ${version}`);
  const used = `PostgreSQL ${told.postgresql} · Node.js ${told.node.slice(1)} · ${versions.join(' · ')}`;
  const drifted = told.lines.reduce((sum, { drifted }) => sum + (drifted ?? 0), 0);
  const notes = [
    'Medians of the rounds. CPU ms: per job, client and server together, then each.',
    'Late: from the moment to the commit (of the first step). Ratio: of jobs/s;',
    'mail: the same when each step of ours writes a mail besides.',
    ...(drifted ? [`${drifted} pair(s) ran while the machine's own speed moved more than 25 %: not to be quoted.`] : []),
  ];
  return [...parts, wrapped(used), notes.join('\n')].join('\n\n');
}

function cells(one) {
  const ratios = [one.ratio, one.mail_ratio].map((ratio) => (ratio === undefined ? '' : small(ratio)));
  return [
    one.program, number(one.per_second, 0), number(one.cpu_ms, 3), number(one.client_cpu_ms, 3), number(one.server_cpu_ms, 3),
    number(one.first_ms, 0), number(one.p99_ms, 0), String(one.early), ...ratios,
  ];
}

const WIDTHS = [17, 7, 7, 7, 7, 9, 8, 6, 6, 6];

function row(cells) {
  return cells.map((cell, at) => (at === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[at]))).join('').trimEnd();
}

function wrapped(text) {
  return text.replace(/(.{1,78})( · |$)/g, '$1\n').trimEnd();
}
