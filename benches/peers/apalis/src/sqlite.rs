//! On SQLite.

use std::time::Duration;

use apalis::prelude::*;
use apalis_sqlite::{Config, SqliteStorage, SqliteTask, queries::push_tasks};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Connection, SqlitePool};

use crate::protocol::{Done, Master, Settings, Task};
use crate::tick::Tick;

const QUEUE: &str = "record";

pub async fn run(task: &Task, done: Done) -> Result<(), BoxDynError> {
    let settings = &task.program.settings;
    let pool = open(&task.url, settings).await?;
    SqliteStorage::setup(&pool).await?;
    Master::say("ready");

    let mut master = Master::new();
    let at = master.moment().await?;
    enqueue(task, &pool, at).await?;
    let config = Config::default()
        .queue(QUEUE)
        .batch_size(settings.batch_size)
        .lock_tasks(settings.lock_tasks)
        .persist_results(settings.persist_results);
    let backend = SqliteStorage::<i32>::new(&pool)
        .with_config(config)
        .poll_with_strategy(Tick::every(Duration::from_millis(settings.poll_ms)));
    let worker = WorkerBuilder::new("worker")
        .backend(backend)
        .data(pool.clone())
        .data(done.clone())
        .concurrency(settings.concurrency)
        .parallelize(tokio::spawn)
        .build(record);
    Master::say("waiting");
    let finished = async {
        done.all().await;
        settled(&pool).await
    };
    // The worker goes on until everything is done and marked as done.
    tokio::select! {
        ended = worker.run() => ended?,
        settled = finished => settled?,
    }
    Master::say("drained");
    master.over().await
}

async fn open(path: &str, settings: &Settings) -> Result<SqlitePool, BoxDynError> {
    let missing = "journal_mode and synchronous are settings of SQLite";
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(settings.journal_mode.as_deref().ok_or(missing)?.parse()?)
        .synchronous(settings.synchronous.as_deref().ok_or(missing)?.parse()?)
        .busy_timeout(Duration::from_secs(60));
    let pool = SqlitePoolOptions::new().max_connections(settings.pool);
    Ok(pool.connect_with(options).await?)
}

async fn enqueue(task: &Task, pool: &SqlitePool, at: u64) -> Result<(), BoxDynError> {
    let jobs: Vec<usize> = (0..task.jobs).collect();
    let mut connection = pool.acquire().await?;
    for slice in jobs.chunks(task.program.insert_batch) {
        let tasks: Vec<SqliteTask> = slice
            .iter()
            .map(|job| {
                let payload = serde_json::to_vec(job).expect("a number is JSON");
                TaskBuilder::new(payload).run_at_timestamp(at).build()
            })
            .collect();
        let mut transaction = connection.begin().await?;
        push_tasks(&mut *transaction, QUEUE, &tasks).await?;
        transaction.commit().await?;
    }
    Ok(())
}

async fn record(job: i32, pool: Data<SqlitePool>, done: Data<Done>) -> Result<(), BoxDynError> {
    sqlx::query("INSERT INTO recorded (job) VALUES (?1)")
        .bind(job)
        .execute(&*pool)
        .await?;
    done.one();
    Ok(())
}

/// Waits until apalis has marked everything as done.
async fn settled(pool: &SqlitePool) -> Result<(), BoxDynError> {
    let open = "SELECT count(*) FROM Jobs WHERE status <> 'Done'";
    while sqlx::query_scalar::<_, i64>(open).fetch_one(pool).await? > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
