// What every client of a peer does alike: it speaks lines of JSON with the program that measures.
//
//   client: {"event":"ready"}              the schema is there
//   master: {"at": 1789000000000}          enqueue everything for this moment (ms), start the workers
//   client: {"event":"waiting"}            all is enqueued, the workers wait
//   client: {"event":"drained"}            every job has run and is marked as done in the peer's tables
//   master: closes the input               the client ends

import { createInterface } from 'node:readline';
import pg from 'pg';

/** What the program that measures asks for: {url, jobs, program, timerMs}. */
export const task = JSON.parse(process.argv[2]);

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export function say(event, more = {}) {
  process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);
}

/** The moment that everything is due, in milliseconds. */
export async function moment() {
  const { value, done } = await lines.next();
  if (done) process.exit(1);
  return JSON.parse(value).at;
}

/** Waits until the measuring is over, then ends, whatever is still open. */
export async function over() {
  await lines.next();
  process.exit(0);
}

/** Waits until `sql`, which counts what the peer has not marked as done, gives 0. */
export async function settled(sql) {
  const client = new pg.Client({ connectionString: task.url });
  await client.connect();
  while (Number((await client.query(sql)).rows[0].count) > 0) {
    await new Promise((later) => setTimeout(later, 20));
  }
  await client.end();
}

/** A promise and the function that keeps it, called once for each of `count` jobs. */
export function countdown(count) {
  let left = count;
  let keep;
  const zero = new Promise((resolve) => (keep = resolve));
  return {
    zero,
    done: (jobs = 1) => {
      left -= jobs;
      if (left <= 0) keep();
    },
  };
}

/** The numbers 0..count in slices of `size`. */
export function* slices(count, size) {
  for (let from = 0; from < count; from += size) {
    yield Array.from({ length: Math.min(size, count - from) }, (_, index) => from + index);
  }
}

/** Runs `work` for 0..count, `together` at a time. */
export async function together(count, together, work) {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: together }, lane));
}

process.on('unhandledRejection', (error) => {
  console.error(error);
  process.exit(1);
});
