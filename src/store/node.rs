//! This process among the others on one PostgreSQL database: what it has claimed, that it is alive,
//! and word from the others.
//!
//! A claim is an advisory lock of a session, so it writes nothing and ends with its process. A
//! session that says nothing for [`LEASE`] is ended by the server, which lets the work of a process
//! that stalls go to the others; when it wakes up, what it had computed is stale, by the sequence
//! numbers of the cases and the attempts of the mails.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPool};
use sqlx::{ConnectOptions, Connection as _};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::Result;

/// How long a process may be silent before its claims go to others; real time.
pub const LEASE: Duration = Duration::from_secs(30);

/// The channel on which processes tell each other that there is something new.
const CHANNEL: &str = "tovholder";

/// This process's own sessions.
#[derive(Debug)]
pub(super) struct Node {
    options: PgConnectOptions,
    /// Holds the claims on subjects.
    work: Mutex<Option<PgConnection>>,
    /// Holds the claims on mail.
    mail: Mutex<Option<PgConnection>>,
    heard: Arc<AtomicI64>,
    tasks: Vec<JoinHandle<()>>,
    alive: Mutex<Option<JoinHandle<()>>>,
}

impl Node {
    pub(super) async fn join(options: PgConnectOptions, pool: &PgPool) -> Result<Self> {
        let lease = LEASE.as_millis().to_string();
        let options = options.options([("idle_session_timeout", lease)]);
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        let heard = Arc::new(AtomicI64::new(0));
        let count = heard.clone();
        let listening = tokio::spawn(async move {
            // It connects again by itself; word that was lost meanwhile is made good by looking.
            while listener.recv().await.is_ok() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Ok(Self {
            options,
            work: Mutex::default(),
            mail: Mutex::default(),
            heard,
            tasks: vec![listening],
            alive: Mutex::default(),
        })
    }

    /// How often there was word of something new.
    pub(super) fn heard(&self) -> i64 {
        self.heard.load(Ordering::SeqCst)
    }

    /// Claims subjects that are due and nobody else's, the longest due first, from where the last
    /// claim ended, and lets go of those that are finished; from the beginning, of all. Answers when
    /// each is due, and its row id.
    pub(super) async fn claim_due(
        &self,
        now: i64,
        limit: i64,
        last: Option<(i64, i64)>,
        finished: Option<Vec<i64>>,
    ) -> Result<Vec<(i64, i64)>> {
        let (at, id) = last.unwrap_or((i64::MIN, i64::MIN));
        let mut session = self.work.lock().await;
        // A session that was idle for longer than the lease is gone: a new one has no claims either.
        if let Some(known) = session.as_mut() {
            let released = match (last, finished) {
                (Some(_), Some(finished)) => release(known, &finished).await,
                (Some(_), None) => Ok(()),
                (None, _) => release_all(known).await,
            };
            if released.is_ok()
                && let Ok(found) = claim_in(known, now, limit, at, id).await
            {
                return Ok(found);
            }
        }
        let mut fresh = self.options.connect().await?;
        let found = claim_in(&mut fresh, now, limit, at, id).await?;
        *session = Some(fresh);
        Ok(found)
    }

    /// Lets go of the mail claimed before, and claims what is ready and nobody else's.
    pub(super) async fn claim_ready(&self, now: i64, limit: i64) -> Result<Vec<i64>> {
        let mut session = self.mail.lock().await;
        if let Some(known) = session.as_mut()
            && release_all(known).await.is_ok()
            && let Ok(ids) = ready_in(known, now, limit).await
        {
            return Ok(ids);
        }
        let mut fresh = self.options.connect().await?;
        let ids = ready_in(&mut fresh, now, limit).await?;
        *session = Some(fresh);
        Ok(ids)
    }

    /// Says from now on that the node of this name is alive: what it has on the wire is its own.
    pub(super) async fn live(&self, name: &str) -> Result<()> {
        let (options, name) = (self.options.clone(), name.to_owned());
        let mut session = Some(alive(&options, &name).await?);
        let beating = tokio::spawn(async move {
            loop {
                tokio::time::sleep(LEASE / 3).await;
                let beat = match session.as_mut() {
                    Some(session) => session.ping().await.is_ok(),
                    None => false,
                };
                if !beat {
                    session = alive(&options, &name).await.ok();
                }
            }
        });
        if let Some(before) = self.alive.lock().await.replace(beating) {
            before.abort();
        }
        Ok(())
    }

    /// Ends the sessions, and with them all claims.
    pub(super) async fn leave(&self) {
        for task in &self.tasks {
            task.abort();
        }
        if let Some(alive) = self.alive.lock().await.take() {
            alive.abort();
        }
        for session in [&self.work, &self.mail] {
            if let Some(session) = session.lock().await.take() {
                // The server notices a closed connection by itself.
                drop(session.close().await);
            }
        }
    }
}

/// A session that holds the lock of a node's name.
async fn alive(options: &PgConnectOptions, name: &str) -> Result<PgConnection> {
    let mut session = options.connect().await?;
    sqlx::query("SELECT pg_advisory_lock(hashtextextended($1, 1))")
        .bind(name)
        .execute(&mut session)
        .await?;
    Ok(session)
}

async fn release_all(session: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("SELECT pg_advisory_unlock_all()")
        .execute(session)
        .await?;
    Ok(())
}

async fn release(session: &mut PgConnection, ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query("SELECT count(pg_advisory_unlock(id)) FROM unnest($1) AS finished (id)")
        .bind(ids)
        .execute(session)
        .await?;
    Ok(())
}

async fn claim_in(
    session: &mut PgConnection,
    now: i64,
    limit: i64,
    at: i64,
    id: i64,
) -> sqlx::Result<Vec<(i64, i64)>> {
    sqlx::query_as(include_str!("claim_due.sql"))
        .bind(now)
        .bind(limit)
        .bind(at)
        .bind(id)
        .fetch_all(session)
        .await
}

async fn ready_in(session: &mut PgConnection, now: i64, limit: i64) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar(include_str!("claim_ready.sql"))
        .bind(now)
        .bind(limit)
        .fetch_all(session)
        .await
}
