//! Which subjects have changed since somebody looked, without reading them.

use super::sql::sql;
use super::{Result, Store, json};

/// What a subject's next acts depend on; when it is as it was, so are they.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Stamp {
    /// Row id.
    pub id: i64,
    /// How many events it has.
    pub seq: i64,
    /// Raised by a case's hold when its members must look again; 0 of what is not a case.
    pub broadcast: i64,
}

impl Store {
    /// The stamps of subjects and, of those that are holds, of all their cases; by row id.
    pub async fn stamps(&self, ids: &[i64]) -> Result<Vec<Stamp>> {
        let stamps = sql(
            "SELECT s.id, s.seq, CAST(0 AS BIGINT) AS broadcast FROM json_each($1) AS j \
             CROSS JOIN subjects AS s WHERE s.id = CAST(j.atom AS BIGINT) \
             UNION \
             SELECT s.id, s.seq, h.broadcast FROM json_each($1) AS j \
             CROSS JOIN subjects AS h CROSS JOIN subject_keys AS k CROSS JOIN subjects AS s \
             WHERE h.id = CAST(j.atom AS BIGINT) AND k.cohort_id = h.id AND s.id = k.id \
             ORDER BY 1",
        )
        .bind(json(ids))
        .all(&mut *self.reader().await?)
        .await?;
        Ok(stamps)
    }
}
