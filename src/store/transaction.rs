//! How anything is written: in a transaction, which whoever watches may see as a part of what asked for it.

use tracing::Instrument as _;

use super::error::Cause;
use super::sql::Connection;
use super::{BoxFuture, Inner, Result, Store, retried};
use crate::traces;

impl Store {
    /// Runs `work` in a transaction, with others where one connection writes, and answers when it is
    /// on disk. It is done all the same when the caller has gone away, and again when others were in
    /// its way.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T>> + Clone + Send + 'static,
    {
        self.write_and_tell(work, false).await
    }

    /// The same for what other processes should look at at once, rather than at their next look.
    pub(super) async fn announce<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T>> + Clone + Send + 'static,
    {
        self.write_and_tell(work, true).await
    }

    pub(super) async fn write_and_tell<T, F>(&self, work: F, is_news: bool) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T>> + Clone + Send + 'static,
    {
        #[cfg(test)]
        super::gate::pass(super::gate::Gate::Write).await?;
        let done = self
            .transact(work, is_news)
            .instrument(traces::transaction())
            .await;
        #[cfg(test)]
        super::gate::pass(super::gate::Gate::Written).await?;
        done
    }

    /// SQLite's other processes look by themselves.
    async fn transact<T, F>(&self, work: F, is_news: bool) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T>> + Clone + Send + 'static,
    {
        match &*self.inner {
            Inner::Sqlite { writer, .. } => writer.run(work).await,
            Inner::Postgres { pool, node } => {
                let (pool, keys, teller) = (pool.clone(), self.keys.clone(), node.teller());
                let job = tokio::spawn(async move {
                    let done = retried::transaction(&pool, &keys, work).await?;
                    if is_news {
                        teller.tell().await;
                    }
                    Ok(done)
                });
                job.await.map_err(|_| Cause::Closed)?
            }
        }
    }
}
