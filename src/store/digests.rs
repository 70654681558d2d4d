//! What digests have told, so that the next one to the same recipient can say what is new.
//!
//! A run is written in the transaction that marks its mail `sending`, and counts once that was sent or may
//! have been. Two that would say what is new since the same one never leave both.

use std::collections::BTreeSet;

use serde::Serialize;

use super::given::Freeze;
use super::rows::{DigestRow, OutboxRow};
use super::sql::{Connection, either, sql};
use super::{Result, Store, json};

/// The declaration that a mail comes of: what its occurrence begins with.
fn declaration(occurrence: &str) -> &str {
    occurrence
        .split_once('@')
        .map_or(occurrence, |(name, _)| name)
}

impl Store {
    /// What the recipient of a digest was told last, by an earlier one of the same declaration that was
    /// sent, or perhaps sent.
    pub async fn last_digest(&self, mail: &OutboxRow) -> Result<Option<DigestRow>> {
        let row = sql("SELECT d.id, d.cases FROM digest_runs AS d \
             JOIN outbox AS o ON o.id = d.outbox_id \
             WHERE d.subject_id = $1 AND d.declaration = $2 AND d.seat = $3 \
               AND o.occurrence <> $4 AND o.status IN ('sent', 'unknown') \
             ORDER BY d.id DESC LIMIT 1")
        .bind(mail.subject_id)
        .bind(declaration(&mail.occurrence))
        .bind(&mail.seat)
        .bind(&mail.occurrence)
        .optional(&mut *self.reader().await?)
        .await?;
        Ok(row)
    }
}

/// A digest as the statements read it.
#[derive(Serialize)]
struct Told<'a> {
    id: i64,
    declaration: &'a str,
    since: Option<i64>,
    cases: &'a str,
}

fn told<'a>(mails: &[&'a Freeze]) -> Vec<(usize, Told<'a>)> {
    let digests = mails.iter().enumerate();
    digests
        .filter_map(|(at, mail)| {
            let digest = mail.digest.as_ref()?;
            let told = Told {
                id: mail.fence.id,
                declaration: declaration(&digest.occurrence),
                since: digest.since,
                cases: &digest.cases,
            };
            Some((at, told))
        })
        .collect()
}

/// Digests are begun by one process at a time. To be asked before any row is locked.
pub(super) async fn alone(connection: &mut Connection, mails: &[&Freeze]) -> Result<()> {
    if connection.is_postgres() && mails.iter().any(|mail| mail.digest.is_some()) {
        either(
            "SELECT 1",
            "SELECT 1 FROM pg_advisory_xact_lock(hashtextextended('digest', 2))",
        )
        .run(connection)
        .await?;
    }
    Ok(())
}

/// The positions of the digests that say what is new since another one than the last; of several in one
/// batch to the same recipient, the first may leave.
pub(super) async fn overtaken(
    connection: &mut Connection,
    mails: &[&Freeze],
) -> Result<BTreeSet<usize>> {
    let told = told(mails);
    if told.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rows: Vec<&Told<'_>> = told.iter().map(|(_, told)| told).collect();
    let keys: Vec<i64> = sql(include_str!("digests_overtaken.sql"))
        .bind(json(&rows))
        .values(connection)
        .await?;
    let mut overtaken: BTreeSet<usize> = (keys.into_iter())
        .filter_map(|key| told.get(usize::try_from(key).ok()?).map(|(at, _)| *at))
        .collect();
    let mut audiences = BTreeSet::new();
    for (at, told) in &told {
        let digest = mails.get(*at).and_then(|mail| mail.digest.as_ref());
        let audience = digest.map(|digest| (digest.subject_id, told.declaration, &digest.seat));
        if !overtaken.contains(at) && !audiences.insert(audience) {
            overtaken.insert(*at);
        }
    }
    Ok(overtaken)
}

/// Writes what digests tell. To be called before their bytes are written.
pub(super) async fn write(connection: &mut Connection, mails: &[&Freeze]) -> Result<()> {
    let told = told(mails);
    if told.is_empty() {
        return Ok(());
    }
    let rows: Vec<&Told<'_>> = told.iter().map(|(_, told)| told).collect();
    let rows = json(&rows);
    // Of an earlier attempt that was taken apart: what is told now is later than all others.
    sql("DELETE FROM digest_runs WHERE outbox_id IN \
           (SELECT o.id FROM json_each($1) AS j CROSS JOIN outbox AS o \
            WHERE o.id = CAST(j.value ->> 'id' AS BIGINT) AND o.frozen IS NULL)")
    .bind(rows.clone())
    .run(connection)
    .await?;
    sql(include_str!("digests_told.sql"))
        .bind(rows.clone())
        .run(connection)
        .await?;
    sql(include_str!("digests_forgotten.sql"))
        .bind(rows)
        .run(connection)
        .await?;
    Ok(())
}
