//! What keeps people's data from being erased, and what was done with them: legal holds, journals, exports.
//!
//! A case reads what keeps it whenever it is planned. When that changes, news make it plan anew: they are not slept
//! over, whatever step is under way meanwhile.

use std::collections::{BTreeSet, HashSet};

use super::received::ReceivedRow;
use super::rows::{PersonRow, SubjectRow};
use super::sql::{Connection, either, sql};
use super::{Result, Store, guarded, json};

/// What is done with somebody's data as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// All of it was given out.
    Exported,
    /// The journal of a case was written out.
    Journal,
    /// It is kept for legal reasons.
    Kept,
    /// It is kept no longer.
    Released,
    /// It was erased.
    Erased,
}

impl Act {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exported => "exported",
            Self::Journal => "journal",
            Self::Kept => "kept",
            Self::Released => "released",
            Self::Erased => "erased",
        }
    }
}

/// Something is done with somebody's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonAct {
    /// Row id of the person.
    pub person_id: i64,
    /// Row id of the case, if it is about one.
    pub subject_id: Option<i64>,
    /// When, µs UTC.
    pub at: i64,
    /// What.
    pub act: Act,
    /// Who, as stored.
    pub by: String,
    /// Why, in a person's words.
    pub reason: Option<String>,
}

/// The same as it was written down.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PersonActRow {
    /// Row id of the case, if it was about one.
    pub subject_id: Option<i64>,
    /// When, µs UTC.
    pub at: i64,
    /// What, as stored.
    pub act: String,
    /// Who, as stored.
    pub by_whom: String,
    /// Why; none once erased.
    pub reason: Option<String>,
}

/// News that make a case plan anew, as the runner writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptNews(pub String);

impl Store {
    /// A person's data are kept for legal reasons from here on, or no longer, and their cases hear of it. False when
    /// that was so already, or they have been erased.
    pub async fn keep_person(&self, act: PersonAct, news: KeptNews) -> Result<bool> {
        let since = (act.act == Act::Kept).then_some(act.at);
        self.announce(move |connection| {
            Box::pin(async move {
                guarded::person(connection, act.person_id).await?;
                let changed = sql(
                    "UPDATE people SET kept = $2 \
                     WHERE id = $1 AND erased IS NULL AND (kept IS NULL) <> (CAST($2 AS BIGINT) IS NULL)",
                )
                .bind(act.person_id)
                .bind(since)
                .run(&mut *connection)
                .await?;
                if changed == 0 {
                    return Ok(false);
                }
                let cases: Vec<i64> = sql("SELECT id FROM subject_keys WHERE person_id = $1 ORDER BY id")
                    .bind(act.person_id)
                    .values(&mut *connection)
                    .await?;
                tell(connection, &cases, &act, &news).await?;
                write_act(connection, &act).await?;
                Ok(true)
            })
        })
        .await
    }

    /// The journal of a case was written out when it had so many events.
    pub async fn journaled(&self, act: PersonAct, events: i64, news: KeptNews) -> Result<()> {
        self.announce(move |connection| {
            Box::pin(async move {
                let case: Vec<i64> = act.subject_id.into_iter().collect();
                tell(connection, &case, &act, &news).await?;
                sql("UPDATE subjects SET journaled = $2 WHERE id = $1")
                    .bind(act.subject_id)
                    .bind(events)
                    .run(&mut *connection)
                    .await?;
                write_act(connection, &act).await
            })
        })
        .await
    }

    /// Something was done with somebody's data that changes nothing.
    pub async fn note_act(&self, act: PersonAct) -> Result<()> {
        self.write(move |connection| Box::pin(async move { write_act(connection, &act).await }))
            .await
    }

    /// What was done with somebody's data, the oldest first.
    pub async fn person_acts(&self, person: i64) -> Result<Vec<PersonActRow>> {
        sql("SELECT subject_id, at, act, by_whom, reason FROM person_acts WHERE person_id = $1 ORDER BY id")
            .bind(person)
            .all(&mut *self.reader().await?)
            .await
    }

    /// Since when a person's data are kept for legal reasons, µs UTC.
    pub async fn kept_since(&self, person: i64) -> Result<Option<i64>> {
        let kept: Option<Option<i64>> = sql("SELECT kept FROM people WHERE id = $1")
            .bind(person)
            .optional_value(&mut *self.reader().await?)
            .await?;
        Ok(kept.flatten())
    }

    /// All cases of a person, erased or not, the oldest first.
    pub async fn cases_of_person(&self, person: i64) -> Result<Vec<SubjectRow>> {
        sql(
            "SELECT s.*, p.place FROM subject_keys AS k JOIN subjects AS s ON s.id = k.id \
             LEFT JOIN places AS p ON p.case_id = s.id \
             WHERE k.person_id = $1 AND s.kind = 'case' ORDER BY s.id",
        )
        .bind(person)
        .all(&mut *self.reader().await?)
        .await
    }

    /// Cases, holds and workflows in which a person may fill a role, by row id: their cases as written down, and every
    /// hold and workflow that is not over by its row.
    pub async fn served_by(&self, person: i64) -> Result<Vec<i64>> {
        sql("SELECT case_id FROM seats WHERE person_id = $1 \
             UNION SELECT id FROM subjects WHERE kind <> 'case' AND state IS NULL ORDER BY 1")
        .bind(person)
        .values(&mut *self.reader().await?)
        .await
    }

    /// Mail that a person wrote and that belongs to no case or hold that anybody knows of, the oldest first.
    pub async fn received_apart(&self, person: i64) -> Result<Vec<ReceivedRow>> {
        sql("SELECT * FROM received WHERE person_id = $1 AND subject_id IS NULL ORDER BY id")
            .bind(person)
            .all(&mut *self.reader().await?)
            .await
    }

    /// Everybody who works here or has: who has an account or a role.
    pub async fn staff(&self) -> Result<Vec<PersonRow>> {
        let ids: Vec<i64> = sql(
            "SELECT person_id FROM accounts UNION SELECT person_id FROM staff_roles \
             UNION SELECT person_id FROM seats ORDER BY 1",
        )
        .values(&mut *self.reader().await?)
        .await?;
        Ok(self.people(&ids).await?.into_values().collect())
    }

    /// People of this name or address, in whatever letters, by row id.
    pub async fn people_called(&self, typed: &str) -> Result<Vec<i64>> {
        sql("SELECT id FROM people WHERE erased IS NULL AND (lower(name) = lower($1) OR lower(email) = lower($1)) \
             ORDER BY id")
        .bind(typed)
        .values(&mut *self.reader().await?)
        .await
    }

    /// Cases of some versions of workflows that have no date any more, and a journal that lacks some of their history.
    pub async fn unjournaled(&self, versions: &[i64], limit: i64) -> Result<Vec<i64>> {
        sql("SELECT id FROM subjects \
             WHERE version_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) \
               AND kind = 'case' AND erased_at IS NULL AND next_due_at IS NULL \
               AND (journaled IS NULL OR journaled <> seq) \
             ORDER BY last_at LIMIT CAST($2 AS BIGINT)")
        .bind(versions)
        .bind(limit)
        .values(&mut *self.reader().await?)
        .await
    }
}

/// Those of some cases whose candidate's data are kept, which stays so until the transaction has ended.
pub(super) async fn of_cases(connection: &mut Connection, cases: &[i64]) -> Result<HashSet<i64>> {
    if cases.is_empty() {
        return Ok(HashSet::new());
    }
    let kept: Vec<(i64, Option<i64>)> = either(
        "SELECT k.id, p.kept FROM subject_keys AS k JOIN people AS p ON p.id = k.person_id \
         WHERE k.id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))",
        "SELECT k.id, p.kept FROM subject_keys AS k JOIN people AS p ON p.id = k.person_id \
         WHERE k.id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) ORDER BY p.id FOR SHARE OF p",
    )
    .bind(cases)
    .all(connection)
    .await?;
    let kept = kept.into_iter().filter(|(_, kept)| kept.is_some());
    Ok(kept.map(|(case, _)| case).collect())
}

/// Puts the news into the inboxes of cases, which are due with it.
async fn tell(
    connection: &mut Connection,
    cases: &[i64],
    act: &PersonAct,
    KeptNews(payload): &KeptNews,
) -> Result<()> {
    guarded::cases(connection, &cases.iter().copied().collect::<BTreeSet<_>>()).await?;
    sql("INSERT INTO inbox (target, key, at, payload) \
         SELECT s.id, $2, $3, $4 FROM subjects AS s \
         WHERE s.id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND s.erased_at IS NULL \
         ON CONFLICT (target, key) DO NOTHING")
    .bind(json(cases))
    .bind(format!("{} {}", act.act.as_str(), act.at))
    .bind(act.at)
    .bind(payload)
    .run(&mut *connection)
    .await?;
    sql("UPDATE subjects SET next_due_at = 0 \
         WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND erased_at IS NULL")
    .bind(json(cases))
    .run(connection)
    .await?;
    Ok(())
}

pub(super) async fn write_act(connection: &mut Connection, act: &PersonAct) -> Result<()> {
    sql("INSERT INTO person_acts (person_id, subject_id, at, act, by_whom, reason) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(act.person_id)
        .bind(act.subject_id)
        .bind(act.at)
        .bind(act.act.as_str())
        .bind(&act.by)
        .bind(&act.reason)
        .run(connection)
        .await?;
    Ok(())
}
