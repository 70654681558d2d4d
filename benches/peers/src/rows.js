// What the recorded rows say: that each job is there once, when the first and the last came, how late.

/** The table that jobs record themselves in: no key and no index, so that it costs as little as can be. */
export const RECORDED = {
  postgres: `CREATE TABLE recorded (
    job int NOT NULL, step int NOT NULL DEFAULT 1, at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  sqlite: `CREATE TABLE recorded (
    job INTEGER NOT NULL, step INTEGER NOT NULL DEFAULT 1, at REAL NOT NULL DEFAULT (unixepoch('subsec')))`,
};

/** Of ours: a case has moved; that it was opened is no step. */
const MOVED = `kind = 'moved' AND payload NOT LIKE '%"cause":"opened"%'`;

// Each gives (job, step, wrote, stood), the last two in milliseconds since 1970. `wrote` is when the job
// wrote its row, and decides whether it was early; `stood` is when the row was committed, by the
// database's own record, and decides rate and lateness: no client has a say in it. SQLite keeps no such
// record, there it is when the row was written, which is earlier.
export const ROWS = {
  peers: {
    postgres: `SELECT job, step, extract(epoch FROM at)::float8 * 1000 AS wrote,
      extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 * 1000 AS stood FROM recorded`,
    sqlite: 'SELECT job, step, at * 1000 AS wrote, at * 1000 AS stood FROM recorded',
  },
  // A case's move is a row of its history, in the transaction that moves it. Where it writes to somebody
  // besides, that transaction holds the mail as well.
  ours: {
    postgres: `SELECT subject_id::int AS job, (row_number() OVER (PARTITION BY subject_id ORDER BY seq))::int AS step,
      extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 * 1000 AS wrote,
      extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 * 1000 AS stood
      FROM events WHERE ${MOVED}`,
    sqlite: `SELECT subject_id AS job, row_number() OVER (PARTITION BY subject_id ORDER BY seq) AS step,
      NULL AS wrote, NULL AS stood FROM events WHERE ${MOVED}`,
  },
};

/** Fails unless every step of every job is there exactly once. */
export function once(rows, { jobs, steps }) {
  const different = new Set(rows.map(({ job, step }) => `${job}.${step}`)).size;
  const wanted = jobs * steps;
  if (rows.length !== wanted || different !== wanted) {
    throw new Error(`${wanted} rows were to be recorded once: there are ${rows.length}, ${different} different`);
  }
}

/**
 * The figures of a run that began at `at`. A step after the first is early when less than the timer has
 * passed since the one before (`timers: 'relative'`), or since the moment it was planned from.
 */
export function figures(rows, { at, jobs, steps, timerMs, timers }) {
  once(rows, { jobs, steps });
  const first = rows.filter(({ step }) => step === 1);
  const late = first.map(({ stood }) => stood - at).sort((a, b) => a - b);
  const wrote = new Map(rows.map(({ job, step, wrote }) => [`${job}.${step}`, wrote]));
  // A timestamp of microseconds becomes a number with less: a thousandth of a millisecond is not early.
  const early = rows.filter(({ job, step, wrote: when }) => {
    const before = timers === 'relative' && step > 1 ? wrote.get(`${job}.${step - 1}`) + timerMs : at + (step - 1) * timerMs;
    return when < before - 0.001;
  });
  return {
    seconds: (rows.reduce((last, { stood }) => Math.max(last, stood), 0) - at) / 1000,
    first_ms: late[0],
    p50_ms: late[Math.ceil(late.length * 0.5) - 1],
    p99_ms: late[Math.ceil(late.length * 0.99) - 1],
    early: early.length,
  };
}
