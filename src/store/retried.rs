//! A transaction of PostgreSQL that is done again when others were in its way.
//!
//! Two transactions that wait for each other are told apart by the server, which ends one of them; what
//! it did is as if it had not been, so it may be done again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use sqlx::postgres::PgPool;

use super::sql::{Connection, To};
use super::{BoxFuture, Result, closed};
use crate::seal::Keys;

/// How often it is done before the caller hears that the others were in the way.
const TRIES_MAX: u32 = 8;
/// The wait before it is done again; it doubles, and chance takes up to half of it away, so that two
/// that met do not meet again.
const WAIT_FIRST: Duration = Duration::from_millis(4);

pub(super) async fn transaction<T, F>(pool: &PgPool, keys: &Keys, work: F) -> Result<T>
where
    F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T>> + Clone,
{
    let mut tried = 1;
    loop {
        match once(pool, keys, work.clone()).await {
            Err(error) if error.is_busy() && tried < TRIES_MAX => {
                tracing::debug!(%error, tried, "done again");
                tokio::time::sleep(wait(tried)).await;
                tried += 1;
            }
            done => return done,
        }
    }
}

async fn once<T, F>(pool: &PgPool, keys: &Keys, work: F) -> Result<T>
where
    F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T>>,
{
    let transaction = pool.begin().await.map_err(closed)?;
    let mut connection = Connection::new(To::Transaction(transaction), keys);
    let done = work(&mut connection).await?;
    connection.commit().await?;
    Ok(done)
}

fn wait(tried: u32) -> Duration {
    let longest = WAIT_FIRST * 2_u32.pow(tried);
    let chance = RandomState::new().hash_one(tried) % 1000;
    let taken = longest / 2 * u32::try_from(chance).unwrap_or(0) / 1000;
    longest.saturating_sub(taken)
}
