//! What an operator watches: whether the database answers with this build's tables, and how much waits in it.

use super::sql::sql;
use super::{FAULTS_MAX, Inner, MIGRATIONS, MIGRATIONS_POSTGRES, Result, Store};

/// Whether the database can be worked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its tables are those of this build: neither older nor newer.
    pub tables_fit: bool,
    /// Mail may leave.
    pub mail_on: bool,
}

impl Store {
    /// Whether the database can be worked with. An error says that it does not answer.
    pub async fn standing(&self) -> Result<Standing> {
        let migrations = match &*self.inner {
            Inner::Sqlite { .. } => &MIGRATIONS,
            Inner::Postgres { .. } => &MIGRATIONS_POSTGRES,
        };
        let newest = migrations.iter().map(|one| one.version).max();
        let (applied, mail_on): (i64, bool) =
            sql("SELECT (SELECT max(version) FROM _sqlx_migrations), mail_on = 1 FROM mail_switch")
                .one(&mut *self.reader().await?)
                .await?;
        Ok(Standing {
            tables_fit: newest == Some(applied),
            mail_on,
        })
    }

    /// How much mail waits by status: `queued`, `retry`, `sending` and `held`. Counting ends at a hundred thousand of
    /// each kind of waiting, so that it costs the same however much there is.
    pub async fn mail_waiting(&self) -> Result<Vec<(String, i64)>> {
        sql(include_str!("mail_waiting.sql"))
            .all(&mut *self.reader().await?)
            .await
    }

    /// How many cases and holds are stuck until a person looks.
    pub async fn stuck(&self) -> Result<i64> {
        // The first condition is the index's own, so that SQLite sees that it may be used.
        sql("SELECT count(*) FROM subjects WHERE faults > 0 AND faults >= $1")
            .bind(FAULTS_MAX)
            .value(&mut *self.reader().await?)
            .await
    }
}
