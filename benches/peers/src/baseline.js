// How fast the machine is just now: rows written with UNNEST, 500 to a commit that waits for the disk, on
// one connection. It has nothing to do with any of the programs; a run is worth something only if this
// was about the same before and after it.

/** A pair of runs between which the machine's own speed moved more than this says nothing. */
export const DRIFT_MAX = 0.25;

const BATCHES = 60;
const ROWS = 500;

/** Rows per second. */
export async function baseline(cluster) {
  const client = await cluster.connect('baseline');
  try {
    await client.query('CREATE TABLE IF NOT EXISTS baseline (job bigint, at timestamptz DEFAULT clock_timestamp())');
    await client.query('TRUNCATE baseline');
    const jobs = Array.from({ length: ROWS }, (_, index) => index);
    const began = process.hrtime.bigint();
    for (let batch = 0; batch < BATCHES; batch++) {
      await client.query({ name: 'rows', text: 'INSERT INTO baseline (job) SELECT unnest($1::bigint[])', values: [jobs] });
    }
    return (BATCHES * ROWS * 1e9) / Number(process.hrtime.bigint() - began);
  } finally {
    await client.end();
  }
}

/** How far the fastest lies above the slowest: 0.25 is 25 %. */
export function drift(rates) {
  return Math.max(...rates) / Math.min(...rates) - 1;
}
