//! This process among the others on one PostgreSQL database: what it has claimed, that it is alive,
//! and word from the others.
//!
//! A claim is an advisory lock of a session, so it writes nothing and ends with its process. A
//! session that says nothing for the lease is ended by the server, inside a transaction or outside,
//! which lets the work of a process that stalls go to the others and frees the rows that it had
//! locked; when it wakes up, what it had computed is stale, by the sequence numbers of the cases and
//! the attempts of the mails.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPool};
use sqlx::{ConnectOptions, Connection as _};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

use super::{Inner, Result, Store, restored};

/// How long a process may be silent before its claims go to others; real time. A database's address
/// may say another, `?lease=SECONDS`.
pub const LEASE: Duration = Duration::from_secs(30);

/// The channel on which processes tell each other that there is something new.
const CHANNEL: &str = "tovholder";

/// The wait before a server that could not be reached is asked again.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);

/// An address, and the lease in it. Whoever stalls inside a transaction is ended like one who stalls
/// outside.
pub(super) fn address(url: &str) -> Result<(PgConnectOptions, Duration)> {
    let mut url: url::Url =
        (url.parse()).map_err(|error| sqlx::Error::Configuration(Box::new(error)))?;
    let others: Vec<(String, String)> = (url.query_pairs().into_owned())
        .filter(|(name, _)| name != "lease")
        .collect();
    let lease = (url.query_pairs())
        .find_map(|(name, seconds)| (name == "lease").then_some(seconds.parse().ok()?))
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .unwrap_or(LEASE);
    if others.is_empty() {
        url.set_query(None);
    } else {
        url.query_pairs_mut().clear().extend_pairs(others);
    }
    let options: PgConnectOptions = url.as_str().parse()?;
    let silent = lease.as_millis().to_string();
    let options = options.options([
        ("idle_in_transaction_session_timeout", silent.as_str()),
        // Each statement is planned once a session: what the loops ask has one plan that is right, and to
        // plan it anew for its parameters takes longer than many of them run.
        ("plan_cache_mode", "force_generic_plan"),
    ]);
    Ok((options, lease))
}

/// This process's own sessions.
#[derive(Debug)]
pub(super) struct Node {
    options: PgConnectOptions,
    pool: PgPool,
    lease: Duration,
    /// Holds the claims on subjects.
    work: Mutex<Option<PgConnection>>,
    /// Holds the claims on mail.
    mail: Mutex<Option<PgConnection>>,
    heard: watch::Sender<i64>,
    teller: Arc<Teller>,
    listening: JoinHandle<()>,
    alive: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// How long a process may be silent before others go on with what it had begun.
    #[must_use]
    pub fn lease(&self) -> Duration {
        match &*self.inner {
            Inner::Postgres { node, .. } => node.lease(),
            Inner::Sqlite { .. } => LEASE,
        }
    }

    /// Says that the node of this name, which marks mail as on the wire, is alive for as long as this
    /// store is open. Only where several processes serve.
    pub async fn live(&self, name: &str) -> Result<()> {
        match &*self.inner {
            Inner::Postgres { node, .. } => node.live(name).await,
            Inner::Sqlite { .. } => Ok(()),
        }
    }
}

impl Node {
    pub(super) async fn join(
        options: PgConnectOptions,
        pool: &PgPool,
        lease: Duration,
    ) -> Result<Self> {
        let silent = lease.as_millis().to_string();
        let options = options.options([("idle_session_timeout", silent)]);
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        let heard = watch::Sender::new(0);
        let teller = Arc::new(Teller::new(pool.clone()));
        let listening = tokio::spawn(listen(listener, teller.name.clone(), heard.clone()));
        Ok(Self {
            options,
            pool: pool.clone(),
            lease,
            work: Mutex::default(),
            mail: Mutex::default(),
            heard,
            teller,
            listening,
            alive: Mutex::default(),
        })
    }

    /// How often there was word from another process of something new; and more of it to wait for.
    pub(super) fn heard(&self) -> watch::Receiver<i64> {
        self.heard.subscribe()
    }

    pub(super) fn lease(&self) -> Duration {
        self.lease
    }

    /// Tells the other processes.
    pub(super) fn teller(&self) -> Arc<Teller> {
        self.teller.clone()
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
        let mut work = self.work.lock().await;
        // A session that was idle for longer than the lease is gone: a new one has no claims either.
        if let Some(session) = work.as_mut() {
            let released = match (last, finished) {
                (Some(_), Some(finished)) => release(session, &finished).await,
                (Some(_), None) => Ok(()),
                (None, _) => let_go(session).await,
            };
            if released.is_ok()
                && let Ok(found) = claim_due(session, now, limit, last).await
            {
                return Ok(found);
            }
        }
        let mut session = self.options.connect().await?;
        let found = claim_due(&mut session, now, limit, last).await?;
        *work = Some(session);
        Ok(found)
    }

    /// The same for mail that is ready, by priority, then time. Whoever claims mail in a new session
    /// first asks whether this is still the database that it was: one that was put back, or that
    /// another server has taken over, has lost all its sessions.
    pub(super) async fn claim_ready(&self, now: i64, limit: i64) -> Result<Vec<i64>> {
        let mut mail = self.mail.lock().await;
        if let Some(session) = mail.as_mut()
            && let Ok(ids) = claim_ready(session, now, limit).await
        {
            return Ok(ids);
        }
        let mut session = self.options.connect().await?;
        restored::recognise(&self.pool, now).await?;
        let ids = claim_ready(&mut session, now, limit).await?;
        *mail = Some(session);
        Ok(ids)
    }

    /// Says from now on that the node of this name is alive: what it has on the wire is its own.
    pub(super) async fn live(&self, name: &str) -> Result<()> {
        let (options, name, lease) = (self.options.clone(), name.to_owned(), self.lease);
        let mut session = Some(alive(&options, &name).await?);
        let beating = tokio::spawn(async move {
            loop {
                tokio::time::sleep(lease / 3).await;
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
        self.listening.abort();
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

impl Drop for Node {
    /// A store that was never closed stops listening and is no longer alive.
    fn drop(&mut self) {
        self.listening.abort();
        if let Some(alive) = self.alive.get_mut().take() {
            alive.abort();
        }
    }
}

/// Counts the words of others; its own process needs none. Word that was lost with a connection is
/// taken for one.
async fn listen(mut listener: PgListener, own: String, heard: watch::Sender<i64>) {
    loop {
        match listener.try_recv().await {
            Ok(Some(word)) if word.payload() == own => continue,
            Ok(_) => {}
            Err(_) => tokio::time::sleep(LISTEN_AGAIN).await,
        }
        heard.send_modify(|words| *words += 1);
    }
}

/// Tells the other processes that there is something new. All who ask while one word is under way
/// share the next: a word within a transaction would make every commit wait for the one before.
#[derive(Debug)]
pub(super) struct Teller {
    /// What tells this process's words from those of others.
    name: String,
    pool: PgPool,
    /// How many have asked, and how many of them have been served.
    asked: std::sync::atomic::AtomicU64,
    served: Mutex<u64>,
}

impl Teller {
    fn new(pool: PgPool) -> Self {
        Self {
            name: uuid::Uuid::now_v7().to_string(),
            pool,
            asked: std::sync::atomic::AtomicU64::default(),
            served: Mutex::default(),
        }
    }

    /// To be called after the commit. What is not told, because the server is gone, is found at the
    /// others' next look.
    pub(super) async fn tell(&self) {
        use std::sync::atomic::Ordering;
        let mine = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut served = self.served.lock().await;
        if *served >= mine {
            return;
        }
        let upto = self.asked.load(Ordering::SeqCst);
        let told = sqlx::query("SELECT pg_notify($1, $2)")
            .bind(CHANNEL)
            .bind(&self.name)
            .execute(&self.pool)
            .await;
        if told.is_ok() {
            *served = upto;
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

async fn let_go(session: &mut PgConnection) -> sqlx::Result<()> {
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

async fn claim_due(
    session: &mut PgConnection,
    now: i64,
    limit: i64,
    last: Option<(i64, i64)>,
) -> sqlx::Result<Vec<(i64, i64)>> {
    let (at, id) = last.unwrap_or((i64::MIN, i64::MIN));
    sqlx::query_as(include_str!("claim_due.sql"))
        .bind(now)
        .bind(limit)
        .bind(at)
        .bind(id)
        .fetch_all(session)
        .await
}

async fn claim_ready(session: &mut PgConnection, now: i64, limit: i64) -> sqlx::Result<Vec<i64>> {
    let_go(session).await?;
    let priorities: Vec<i64> = sqlx::query_scalar(include_str!("ready_priorities.sql"))
        .fetch_all(&mut *session)
        .await?;
    let mut claimed = Vec::new();
    let mut left = limit;
    for priority in priorities {
        let ids: Vec<i64> = sqlx::query_scalar(include_str!("claim_ready.sql"))
            .bind(now)
            .bind(left)
            .bind(priority)
            .fetch_all(&mut *session)
            .await?;
        left -= i64::try_from(ids.len()).unwrap_or(left);
        claimed.extend(ids);
        if left <= 0 {
            break;
        }
    }
    Ok(claimed)
}
