//! The cases of a hold or workflow, for digests and hold-wide mail.

use std::collections::BTreeMap;

use super::rows::MemberRow;
use super::sql::sql;
use super::{Result, Store, json};

impl Store {
    /// A page of the cases of one hold, or of all holds of a workflow, that are in one of these
    /// atomic states (none named: any), by row id from behind `after`; begin with 0.
    pub async fn members(
        &self,
        cohort: Option<i64>,
        workflow: &str,
        states: &[String],
        after: i64,
        limit: i64,
    ) -> Result<Vec<MemberRow>> {
        let rows = sql(include_str!("members.sql"))
            .bind(cohort)
            .bind(workflow)
            .bind(json(states))
            .bind(after)
            .bind(limit)
            .all(&mut *self.reader().await?)
            .await?;
        Ok(rows)
    }

    /// How many cases of a hold are in which atomic state.
    pub async fn members_by_state(&self, cohort: i64) -> Result<BTreeMap<String, i64>> {
        let counts: Vec<(String, i64)> = sql("SELECT s.state, count(*) FROM subject_keys AS k \
             JOIN subjects AS s ON s.id = k.id \
             WHERE k.cohort_id = $1 AND s.state IS NOT NULL GROUP BY s.state")
        .bind(cohort)
        .all(&mut *self.reader().await?)
        .await?;
        Ok(counts.into_iter().collect())
    }
}
