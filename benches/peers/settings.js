// Every setting of every program, with where its own documentation names it. The rule: the fastest mode
// that the program's documentation describes and that is as durable as ours: a job that is reported done
// is done after a power cut, and a job in progress is done by somebody else after a crash.

/** One PostgreSQL for all, with full durability; what is not named here is PostgreSQL's default. */
export const postgres = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // Small enough for any machine, large enough that no run reads from the disk.
  shared_buffers: '512MB',
  // A checkpoint in the middle of one run and not of another would be luck.
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
  max_connections: '200',
  // The time of a row is when its transaction was committed, by the database's clock: the same for all,
  // and no program can say another. Off by default; everybody pays for it alike.
  track_commit_timestamp: 'on',
};

export const programs = {
  'graphile-worker': {
    package: 'graphile-worker',
    documentation: 'https://worker.graphile.org/docs/performance',
    settings: {
      // The page's own figures were taken with these five.
      concurrentJobs: 24,
      maxPoolSize: 25,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
      // Jobs with a time are found by polling (default 2,000 ms): often, so that the first is punctual.
      // https://worker.graphile.org/docs/config#workerpollinterval
      pollInterval: 20,
    },
    // `addJobs`: https://worker.graphile.org/docs/library/add-job
    insertBatch: 1000,
  },

  'pg-boss': {
    package: 'pg-boss',
    documentation: 'https://pgboss.io/api/workers',
    // https://pgboss.io/api/constructor: no maintenance in the middle of a run.
    constructor: { supervise: false, schedule: false, max: 10, registerInstance: false },
    // A table of its own for a large queue: https://pgboss.io/api/queues
    queue: { partition: true },
    settings: {
      batchSize: 500,
      // Four were a little faster than two on two cores, with less CPU time per job.
      localConcurrency: 4,
      // The least that is allowed.
      pollingIntervalSeconds: 0.5,
      // No delay between fetches as long as they come back full.
      burstWhenBatchFull: true,
      // The handler's rows and the jobs' completion commit together: one commit for a batch, not three.
      transactional: true,
    },
    // `insert`, in bulk: https://pgboss.io/api/jobs
    insertBatch: 1000,
  },

  'apalis-postgres': {
    crate: 'apalis-postgres',
    documentation: 'https://docs.rs/apalis-postgres/1.0.0/apalis_postgres/',
    settings: {
      // https://docs.rs/apalis-postgres/1.0.0/apalis_postgres/struct.Config.html
      batch_size: 500,
      // A fetched job is already locked by its worker; the second statement that says "running" is not
      // needed, and the crate's own example leaves it out. Results are kept: without them a job is never
      // marked done.
      lock_tasks: false,
      persist_results: true,
      // Tasks run in parallel on Tokio: `parallelize(tokio::spawn)` and `concurrency`.
      // https://docs.rs/apalis/1.0.0/apalis/layers/trait.WorkerBuilderExt.html
      concurrency: 24,
      // How often it looks: as `poll_with_interval`, with a strategy of our own (apalis/src/tick.rs says why).
      poll_ms: 10,
      pool: 30,
    },
    // `queries::push_tasks`, one UNNEST for many.
    insertBatch: 1000,
  },

  'apalis-sqlite': {
    crate: 'apalis-sqlite',
    documentation: 'https://docs.rs/apalis-sqlite/1.0.0/apalis_sqlite/',
    settings: {
      batch_size: 500,
      lock_tasks: false,
      persist_results: true,
      concurrency: 8,
      poll_ms: 10,
      pool: 4,
      // As ours: WAL, and every commit waits for the disk.
      journal_mode: 'WAL',
      synchronous: 'FULL',
    },
    insertBatch: 1000,
  },

  dbos: {
    package: '@dbos-inc/dbos-sdk',
    documentation: 'https://docs.dbos.dev/typescript/reference/configuration',
    settings: {
      // As many connections as keep two cores busy; its default is 10.
      systemDatabasePoolSize: 20,
      // Workflows are started directly: no queue stands between (a queue polls once a second).
      // https://docs.dbos.dev/typescript/tutorials/workflow-tutorial
      stepPool: 10,
    },
    startTogether: 50,
    // About how long starting one takes, so that the moment lies far enough ahead.
    enqueueMs: 6,
  },

  restate: {
    package: '@restatedev/restate-server',
    documentation: 'https://docs.restate.dev/references/server-config',
    settings: {
      // Restate writes to its own store, RocksDB with a log that waits for the disk (its default), on the
      // same disk; only the row that a step records goes to PostgreSQL.
      config: {
        'RESTATE_DISABLE_TELEMETRY': 'true',
        'RESTATE_LOG_FILTER': 'error',
        // Both at their default, stated because they bound the concurrency.
        'RESTATE_DEFAULT_NUM_PARTITIONS': '24',
        // Default 1,000: all that sleep stay in memory instead of being put away and replayed.
        'RESTATE_WORKER__INVOKER__CONCURRENT_INVOCATIONS_LIMIT': '40000',
        // Default a minute each: with tens of thousands who sleep and a busy SDK, invocations are taken for dead and
        // begun again, which costs time and runs steps twice.
        'RESTATE_WORKER__INVOKER__INACTIVITY_TIMEOUT': '1h',
        'RESTATE_WORKER__INVOKER__ABORT_TIMEOUT': '1h',
      },
      stepPool: 20,
    },
    // The SDK writes a line per invocation otherwise.
    env: { RESTATE_LOGGING: 'ERROR' },
    startTogether: 50,
    enqueueMs: 3,
  },
};
