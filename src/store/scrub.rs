//! What a database keeps of erased rows outside of any row: a file's free pages and its log. And the files of mail that
//! was erased.
//!
//! With `secure_delete` SQLite writes zeros over what is deleted, but not over what it once moved from page to page when
//! these were full. So the file is written anew after an erasure, and its log is emptied. PostgreSQL has its own ways
//! (`VACUUM`).

use super::set::Set;
use super::sql::sql;
use super::{Inner, Result, Store};

impl Store {
    /// Writes a database file anew if anything was erased since the last time. False when that could not be brought to
    /// an end because somebody was reading: then it is to be done again.
    pub async fn scrub(&self) -> Result<bool> {
        let Inner::Sqlite { file: Some(_), .. } = &*self.inner else {
            return Ok(true);
        };
        let (erasures, scrubbed): (i64, i64) = sql("SELECT erasures, scrubbed FROM cluster")
            .one(&mut *self.reader().await?)
            .await?;
        if erasures == scrubbed {
            return Ok(true);
        }
        if !self.write_anew().await? {
            return Ok(false);
        }
        // Another process may have erased something since.
        self.write(move |connection| {
            Box::pin(async move {
                sql("UPDATE cluster SET scrubbed = $1")
                    .bind(erasures)
                    .run(connection)
                    .await?;
                Ok(())
            })
        })
        .await?;
        Ok(true)
    }

    /// Writes a database file anew and empties its log, so that nothing is left of what stood there before. False when
    /// others were in the way: then it is to be done again. On PostgreSQL that is the server's affair.
    pub async fn write_anew(&self) -> Result<bool> {
        let Inner::Sqlite { writer, .. } = &*self.inner else {
            return Ok(true);
        };
        let mut connection = writer.connection().await?;
        // A large database is not put together in memory.
        sql("PRAGMA temp_store = file").run(&mut connection).await?;
        let written = sql("VACUUM").run(&mut connection).await;
        sql("PRAGMA temp_store = memory")
            .run(&mut connection)
            .await?;
        match written {
            Err(error) if error.is_busy() => return Ok(false),
            written => written?,
        };
        let (is_busy, _, _): (i64, i64, i64) = sql("PRAGMA wal_checkpoint(TRUNCATE)")
            .one(&mut connection)
            .await?;
        Ok(is_busy == 0)
    }

    /// Mails that were erased after they had been passed on and are no longer on the wire, by public id; whoever wrote
    /// their files removes them, and says so. What was said of the erased while they were on the wire is gone by then.
    pub async fn to_shred(&self) -> Result<Vec<String>> {
        let waiting: i64 = sql("SELECT count(*) FROM shreds")
            .value(&mut *self.reader().await?)
            .await?;
        if waiting == 0 {
            return Ok(Vec::new());
        }
        self.write(|connection| {
            Box::pin(async move {
                sql(include_str!("erase/shred.sql"))
                    .values(connection)
                    .await
            })
        })
        .await
    }

    /// The files of these are gone.
    pub async fn shredded(&self, public_ids: Vec<String>) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                Set::of(&public_ids)
                    .text("public_id", String::as_str)
                    .run(
                        connection,
                        "DELETE FROM shreds WHERE public_id IN (SELECT public_id FROM rows)",
                    )
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
