//! Group commit: one connection writes, and one transaction carries all the jobs that wait.

use std::fmt;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::error::Cause;
use super::sql::{Connection, sql};
use super::{BoxFuture, Result, StoreError};

/// At most so many jobs share a transaction, so that the first does not wait for ever.
const JOBS_MAX: usize = 256;

/// The connection; none once closed.
pub(super) type Shared = Option<Connection>;

/// Hands jobs to the task that writes.
pub(super) struct Writer {
    connection: Arc<Mutex<Shared>>,
    jobs: StdMutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    task: StdMutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Self {
        let connection = Arc::new(Mutex::new(Some(connection)));
        let (sender, jobs) = mpsc::channel(JOBS_MAX);
        let task = tokio::spawn(write_all(jobs, Arc::clone(&connection)));
        Self {
            connection,
            jobs: StdMutex::new(Some(sender)),
            task: StdMutex::new(Some(task)),
        }
    }

    /// Queues a job and waits until its transaction is committed, or is not.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Task {
            work: Some(work),
            done: None,
            reply,
        };
        let sender = lock(&self.jobs).clone().ok_or(Cause::Closed)?;
        let queued = sender.send(Box::new(job)).await;
        drop(sender);
        queued.map_err(|_| Cause::Closed)?;
        answer.await.map_err(|_| Cause::Closed)?
    }

    /// The writing connection, between two transactions.
    pub(super) async fn connection(&self) -> Result<OwnedMappedMutexGuard<Shared, Connection>> {
        let guard = Arc::clone(&self.connection).lock_owned().await;
        OwnedMutexGuard::try_map(guard, Option::as_mut).map_err(|_| Cause::Closed.into())
    }

    /// The same, if no transaction runs.
    pub(super) fn idle_connection(
        &self,
    ) -> Result<Option<OwnedMappedMutexGuard<Shared, Connection>>> {
        match Arc::clone(&self.connection).try_lock_owned() {
            Ok(guard) => OwnedMutexGuard::try_map(guard, Option::as_mut)
                .map(Some)
                .map_err(|_| Cause::Closed.into()),
            Err(_) => Ok(None),
        }
    }

    /// Lets the queued jobs finish, then closes the connection.
    pub(super) async fn close(&self) -> Result<()> {
        drop(lock(&self.jobs).take());
        let task = lock(&self.task).take();
        if let Some(task) = task {
            // A panic in it has been reported where it happened; the connection is closed anyway.
            drop(task.await);
        }
        match self.connection.lock().await.take() {
            Some(connection) => connection.close().await,
            None => Ok(()),
        }
    }
}

/// A poisoned lock holds a sender or a handle, which are whole at every moment.
fn lock<T>(mutex: &StdMutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Work that does not know what else is in its transaction.
trait Job: Send {
    /// Does the work and keeps what came of it.
    fn run<'c>(&'c mut self, connection: &'c mut Connection) -> BoxFuture<'c, Result<()>>;

    /// Tells the caller, once it is known what became of the transaction.
    fn answer(self: Box<Self>, transaction: Result<()>);
}

struct Task<T, F> {
    work: Option<F>,
    done: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T>> + Send,
{
    fn run<'c>(&'c mut self, connection: &'c mut Connection) -> BoxFuture<'c, Result<()>> {
        Box::pin(async move {
            let Some(work) = self.work.take() else {
                return Ok(());
            };
            let done = work(connection).await;
            let verdict = done.as_ref().map(|_| ()).map_err(StoreError::clone);
            self.done = Some(done);
            verdict
        })
    }

    fn answer(self: Box<Self>, transaction: Result<()>) {
        let answer = match (transaction, self.done) {
            (Err(error), _) => Err(error),
            (Ok(()), Some(done)) => done,
            (Ok(()), None) => Err(Cause::Closed.into()),
        };
        // A caller that has gone away does not want to know.
        drop(self.reply.send(answer));
    }
}

async fn write_all(mut jobs: mpsc::Receiver<Box<dyn Job>>, connection: Arc<Mutex<Shared>>) {
    let mut batch = Vec::new();
    while jobs.recv_many(&mut batch, JOBS_MAX).await > 0 {
        let mut guard = connection.lock().await;
        let transaction = match guard.as_mut() {
            Some(connection) => transact(connection, &mut batch).await,
            None => Err(Cause::Closed.into()),
        };
        drop(guard);
        for job in batch.drain(..) {
            job.answer(transaction.clone());
        }
    }
}

/// Runs all jobs in one transaction. An error is one of the transaction itself: then nothing of
/// any job is stored.
async fn transact(connection: &mut Connection, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    execute(connection, "BEGIN IMMEDIATE").await?;
    let ran = match jobs {
        [job] => Ok(job.run(connection).await.is_ok()),
        jobs => run_apart(connection, jobs).await.map(|()| true),
    };
    let ended = match ran {
        Ok(true) => execute(connection, "COMMIT").await,
        Ok(false) => {
            roll_back(connection).await;
            return Ok(());
        }
        Err(error) => Err(error),
    };
    if ended.is_err() {
        roll_back(connection).await;
    }
    ended
}

/// Fails when `SQLite` has rolled back by itself, as it does when the disk is full: that is what
/// was wanted.
async fn roll_back(connection: &mut Connection) {
    drop(execute(connection, "ROLLBACK").await);
}

/// Each job in its own savepoint, so that one that fails takes only its own work along.
async fn run_apart(connection: &mut Connection, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    for job in jobs {
        execute(connection, "SAVEPOINT job").await?;
        if let Err(error) = job.run(connection).await {
            // If there is no savepoint to go back to, SQLite has rolled back everything: the
            // job's error is what the others must hear too.
            execute(connection, "ROLLBACK TO job")
                .await
                .map_err(|_| error)?;
        }
        execute(connection, "RELEASE job").await?;
    }
    Ok(())
}

async fn execute(connection: &mut Connection, text: &'static str) -> Result<()> {
    sql(text).run(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use sqlx::ConnectOptions;
    use sqlx::sqlite::SqliteConnectOptions;

    use super::super::sql::To;
    use super::*;
    use crate::seal::Keys;

    async fn writer(setup: &'static str) -> Writer {
        let mut connection = SqliteConnectOptions::new()
            .in_memory(true)
            .connect()
            .await
            .expect("memory opens");
        sqlx::raw_sql(setup)
            .execute(&mut connection)
            .await
            .expect("the setup is SQL");
        Writer::start(Connection::new(To::Sqlite(connection), &Keys::default()))
    }

    const TABLES: &str = "CREATE TABLE t (n INTEGER PRIMARY KEY); \
                          CREATE TABLE child (n INTEGER REFERENCES t (n) DEFERRABLE INITIALLY DEFERRED)";

    async fn add(writer: &Writer, sql: &'static str) -> Result<()> {
        writer
            .run(move |connection| Box::pin(execute(connection, sql)))
            .await
    }

    async fn stored(writer: &Writer) -> Vec<i64> {
        let mut connection = writer.connection().await.expect("open");
        sql("SELECT n FROM t ORDER BY n")
            .values(&mut connection)
            .await
            .expect("a table")
    }

    /// Runs three jobs in one transaction: on the one thread of a test all of them wait before the
    /// writer's task gets its turn.
    async fn together(writer: &Writer, jobs: [&'static str; 3]) -> [Result<()>; 3] {
        let [a, b, c] = jobs.map(|sql| add(writer, sql));
        tokio::join!(a, b, c).into()
    }

    #[tokio::test]
    async fn a_job_that_fails_takes_only_its_own_work_along() {
        let writer = writer(TABLES).await;
        let twice = "INSERT INTO t VALUES (2), (2)";
        let [a, b, c] = together(
            &writer,
            [
                "INSERT INTO t VALUES (1)",
                twice,
                "INSERT INTO t VALUES (3)",
            ],
        )
        .await;
        assert!(a.is_ok() && c.is_ok());
        assert!(b.is_err_and(|error| error.is_conflict()));
        assert_eq!(stored(&writer).await, [1, 3]);
    }

    #[tokio::test]
    async fn a_commit_that_fails_fails_all() {
        let writer = writer(TABLES).await;
        // A deferred foreign key is looked at by COMMIT only.
        let jobs = [
            "INSERT INTO t VALUES (1)",
            "INSERT INTO child VALUES (99)",
            "INSERT INTO t VALUES (3)",
        ];
        for answer in together(&writer, jobs).await {
            assert!(answer.is_err());
        }
        assert_eq!(stored(&writer).await, [0; 0]);
        assert!(add(&writer, "INSERT INTO t VALUES (4)").await.is_ok());
        assert_eq!(stored(&writer).await, [4]);
    }

    #[tokio::test]
    async fn a_full_disk_leaves_nothing_half_done() {
        let writer = writer(
            "CREATE TABLE t (n INTEGER PRIMARY KEY); CREATE TABLE big (b BLOB); \
             PRAGMA max_page_count = 8",
        )
        .await;
        let jobs = [
            "INSERT INTO t VALUES (1)",
            "INSERT INTO big VALUES (zeroblob(100000))",
            "INSERT INTO t VALUES (3)",
        ];
        let [a, b, c] = together(&writer, jobs).await;
        assert!(b.is_err_and(|error| error.is_storage()));
        let expected: &[i64] = match (&a, &c) {
            (Ok(()), Ok(())) => &[1, 3],
            _ => &[],
        };
        assert_eq!(stored(&writer).await, expected);
        assert!(add(&writer, "INSERT INTO t VALUES (4)").await.is_ok());
    }

    #[tokio::test]
    async fn closing_finishes_what_was_asked_for_and_refuses_the_rest() {
        let writer = writer(TABLES).await;
        let [a, b, c] = together(
            &writer,
            ["INSERT INTO t VALUES (1)", "SELECT 1", "SELECT 1"],
        )
        .await;
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        writer.close().await.expect("closes");
        let late = add(&writer, "INSERT INTO t VALUES (2)").await;
        assert!(late.is_err_and(|error| error.is_closed()));
        writer.close().await.expect("closes twice");
    }
}
