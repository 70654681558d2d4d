//! A copy in memory of what some subjects need to be played on: so that what will happen is found by letting it
//! happen, with the same code and nothing at stake.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use sqlx::AssertSqlSafe;

use super::sql::{Behind, Connection, sql};
use super::{Result, Store};

/// What is copied of which table. `{ids}` are the subjects', `{people}` the people in them; both are whole numbers
/// of ours. History is not: nothing is decided by it;
/// nor is what people want of mail, which is shown beside what it would say.
const COPIED: [(&str, &str); 16] = [
    ("organisations", "true"),
    ("people", "id IN ({people})"),
    ("staff_roles", "person_id IN ({people})"),
    (
        "workflow_versions",
        "id IN (SELECT version_id FROM subjects WHERE id IN ({ids}))",
    ),
    ("subjects", "id IN ({ids})"),
    ("inbox", "target IN ({ids}) AND done_seq IS NULL"),
    ("texts", "subject_id IN ({ids})"),
    ("places", "cohort_id IN ({ids})"),
    ("outbox", "subject_id IN ({ids})"),
    ("gather_items", "subject_id IN ({ids})"),
    ("digest_runs", "subject_id IN ({ids})"),
    ("seats", "case_id IN ({ids})"),
    ("progress", "case_id IN ({ids})"),
    ("suppressions", "true"),
    ("addresses", "true"),
    ("recipient_days", "true"),
];

/// Whom a copy is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// A hold with all its cases, by row id.
    Hold(i64),
    /// All holds of the workflow of this subject, with all cases.
    Workflow(i64),
}

impl Store {
    /// A copy in memory of a hold with its cases, or of a whole workflow. The workflow's other holds are there
    /// without their cases, for whoever goes on to one, and are not due themselves.
    pub async fn copied(&self, what: Copied) -> Result<Self> {
        // What a row refers to may be left out, such as the other recipient of a mail.
        let copy = Self::in_memory(false, self.keys.clone()).await?;
        let mut moment = self.moment().await?;
        let of = match what {
            Copied::Hold(id) | Copied::Workflow(id) => id,
        };
        let subjects: Vec<(i64, Option<i64>, Option<i64>, String)> = sql(
            "SELECT s.id, s.cohort_id, s.person_id, s.snapshot FROM subjects AS s \
             WHERE s.workflow = (SELECT workflow FROM subjects WHERE id = $1) AND s.kind <> 'case'",
        )
        .bind(of)
        .all(&mut moment)
        .await?;
        let holds: Vec<i64> = match what {
            Copied::Hold(hold) => vec![hold],
            Copied::Workflow(_) => subjects.iter().map(|row| row.0).collect(),
        };
        let cases: Vec<(i64, Option<i64>, Option<i64>, String)> = sql(
            "SELECT s.id, s.cohort_id, s.person_id, s.snapshot FROM subject_keys AS k JOIN subjects AS s ON s.id = k.id \
             WHERE k.cohort_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))",
        )
        .bind(&holds)
        .all(&mut moment)
        .await?;
        let asleep: Vec<i64> = (subjects.iter().map(|row| row.0))
            .filter(|id| *id != of && !holds.contains(id))
            .collect();
        let rows = || subjects.iter().chain(&cases);
        let ids = listed(rows().map(|row| row.0));
        let people: BTreeSet<i64> = rows()
            .flat_map(|(_, _, person, snapshot)| people_in(snapshot).into_iter().chain(*person))
            .collect();
        let people = listed(people);
        for (table, condition) in COPIED {
            let condition = condition
                .replace("{ids}", &ids)
                .replace("{people}", &people);
            let columns = copy.columns(table).await?;
            let rows = rows_as_json(&mut moment, table, &columns, &condition).await?;
            copy.take(table, &columns, rows).await?;
        }
        let cluster = sql("SELECT plan_rev, secret FROM cluster");
        copy.settle_copy(cluster.one(&mut moment).await?, asleep)
            .await?;
        Ok(copy)
    }

    /// The columns of a table, but for bytes, which no play reads.
    async fn columns(&self, table: &'static str) -> Result<Vec<String>> {
        sql("SELECT name FROM pragma_table_info($1) WHERE type <> 'BLOB'")
            .bind(table)
            .values(&mut *self.reader().await?)
            .await
    }

    /// Writes rows, told as JSON, as they are.
    async fn take(&self, table: &'static str, columns: &[String], rows: String) -> Result<()> {
        let values: Vec<String> = (columns.iter())
            .map(|column| format!("value ->> '{column}'"))
            .collect();
        let text = format!(
            "INSERT OR REPLACE INTO {table} ({}) SELECT {} FROM json_each(?)",
            columns.join(", "),
            values.join(", ")
        );
        self.write(move |connection| {
            Box::pin(async move {
                if let Behind::Sqlite(connection) = connection.behind() {
                    sqlx::query(AssertSqlSafe(text))
                        .bind(rows)
                        .execute(connection)
                        .await?;
                }
                Ok(())
            })
        })
        .await
    }

    async fn settle_copy(&self, (plan_rev, secret): (i64, String), asleep: Vec<i64>) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                sql("UPDATE cluster SET plan_rev = $1, secret = $2")
                    .bind(plan_rev)
                    .bind(secret)
                    .run(&mut *connection)
                    .await?;
                sql("UPDATE subjects SET next_due_at = NULL \
                     WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))")
                .bind(&asleep)
                .run(&mut *connection)
                .await?;
                Ok(())
            })
        })
        .await
    }
}

/// The rows of a table as a JSON list of objects.
pub(super) async fn rows_as_json(
    from: &mut Connection,
    table: &str,
    columns: &[String],
    condition: &str,
) -> Result<String> {
    // The text is made of names and whole numbers of this file and of our own tables.
    Ok(match from.behind() {
        Behind::Sqlite(connection) => {
            let pairs: Vec<String> = (columns.iter())
                .map(|column| format!("'{column}', {column}"))
                .collect();
            let text = format!(
                "SELECT json_group_array(json_object({})) FROM {table} WHERE {condition}",
                pairs.join(", ")
            );
            sqlx::query_scalar(AssertSqlSafe(text))
                .fetch_one(connection)
                .await?
        }
        Behind::Postgres(connection) => {
            let text = format!(
                "SELECT COALESCE(CAST(json_agg(row_to_json(r)) AS TEXT), '[]') \
                 FROM (SELECT {} FROM {table} WHERE {condition}) AS r",
                columns.join(", ")
            );
            sqlx::query_scalar(AssertSqlSafe(text))
                .fetch_one(connection)
                .await?
        }
    })
}

/// Whole numbers as SQL lists them; none is a list of nothing.
pub(super) fn listed(ids: impl IntoIterator<Item = i64>) -> String {
    let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    if ids.is_empty() {
        "NULL".to_owned()
    } else {
        ids.join(", ")
    }
}

/// The people who fill a role in a subject.
fn people_in(snapshot: &str) -> Vec<i64> {
    let snapshot: Json = serde_json::from_str(snapshot).unwrap_or_default();
    let roles = snapshot["people"].as_object().into_iter().flatten();
    let people = roles.flat_map(|(_, people)| people.as_array().into_iter().flatten());
    people.filter_map(Json::as_i64).collect()
}
