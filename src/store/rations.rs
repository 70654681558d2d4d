//! How many mails an address gets on a local day, kept in the database: so that it holds for all processes
//! together, and over a restart.
//!
//! The last mail of a day is for what was put off. A mail that finds no room stays queued, with a reason, until
//! the end of the day; what has been put off for one recipient leaves together, as one mail.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::Serialize;

use super::given::{Freeze, Ration};
use super::rows::OutboxRow;
use super::sql::{Connection, sql};
use super::{Result, Store, json};

/// The reason of mail that waits for the end of a day, or for the next, because its recipient has had enough.
pub const GATHERED_DAY: &str = "gathered-day";

/// Days are kept for so long: no zone is further behind another.
fn kept() -> Span {
    2.days()
}

/// A day and an address.
type Key = (String, String);

impl Store {
    /// Mail that was put off because one of these recipients has had enough of the day; recipients as
    /// [`Ration::recipients`] says them. The oldest first; nothing that is stopped.
    pub async fn gathered_for(&self, recipients: &BTreeSet<String>) -> Result<Vec<OutboxRow>> {
        // With the reason written out, which the index is made for.
        sql(
            "SELECT o.* FROM outbox AS o WHERE o.status = 'queued' AND o.reason = 'gathered-day' \
               AND o.address IN (SELECT atom FROM json_each($1)) \
               AND NOT EXISTS (SELECT 1 FROM stopped WHERE stopped.outbox_id = o.id LIMIT 1 OFFSET 0) \
             ORDER BY o.id",
        )
        .bind(json(recipients))
        .all(&mut *self.reader().await?)
        .await
    }
}

impl Ration {
    /// Whom a mail goes to, the same however the addresses are written and in which order.
    #[must_use]
    pub fn recipients(&self) -> String {
        self.addresses.join(", ")
    }

    fn keys(&self) -> impl Iterator<Item = Key> {
        let of_day = |address: &String| (self.day.clone(), address.clone());
        self.addresses.iter().map(of_day)
    }
}

/// Of mails in their order, those that their recipients have room for; each is counted. The others are put off,
/// as their ration says.
pub(super) async fn take<'m>(
    connection: &mut Connection,
    mails: Vec<&'m Freeze>,
) -> Result<Vec<&'m Freeze>> {
    let mut asked: BTreeMap<Key, i64> = BTreeMap::new();
    for key in keys(&mails) {
        *asked.entry(key).or_default() += 1;
    }
    if asked.is_empty() {
        return Ok(mails);
    }
    // All are counted first: that makes the rows ours until the end of the transaction.
    let mut taken = count(connection, &asked).await?;
    for (key, asked) in &asked {
        taken.entry(key.clone()).and_modify(|mails| *mails -= asked);
    }
    forget(connection, &asked, &taken).await?;
    let (mut free, mut over) = (Vec::with_capacity(mails.len()), Vec::new());
    for mail in mails {
        let Some(ration) = &mail.ration else {
            free.push(mail);
            continue;
        };
        let most = ration.keys().filter_map(|key| taken.get(&key)).max();
        match ration.until {
            Some(until) if most.is_some_and(|most| *most >= ration.room) => {
                over.push((mail, until));
            }
            _ => {
                for key in ration.keys() {
                    *taken.entry(key).or_default() += 1;
                }
                free.push(mail);
            }
        }
    }
    put_off(connection, &over).await?;
    give_back(connection, over.into_iter().map(|(mail, _)| mail)).await?;
    Ok(free)
}

/// Takes mails out of the count that do not leave after all.
pub(super) async fn give_back<'m>(
    connection: &mut Connection,
    mails: impl Iterator<Item = &'m Freeze>,
) -> Result<()> {
    let mails: Vec<&Freeze> = mails.collect();
    let mut back: BTreeMap<Key, i64> = BTreeMap::new();
    for key in keys(&mails) {
        *back.entry(key).or_default() -= 1;
    }
    if !back.is_empty() {
        count(connection, &back).await?;
    }
    Ok(())
}

fn keys(mails: &[&Freeze]) -> impl Iterator<Item = Key> {
    let rations = mails.iter().filter_map(|mail| mail.ration.as_ref());
    rations.flat_map(Ration::keys)
}

/// Counts so many more, and answers how many there are then. In the order of their keys, as every transaction
/// locks them.
async fn count(
    connection: &mut Connection,
    more: &BTreeMap<Key, i64>,
) -> Result<BTreeMap<Key, i64>> {
    let rows: Vec<(&str, &str, i64)> = (more.iter())
        .map(|((day, address), mails)| (day.as_str(), address.as_str(), *mails))
        .collect();
    let counted: Vec<(String, String, i64)> =
        sql("INSERT INTO recipient_days (day, address, mails) \
         SELECT j.value ->> 0, j.value ->> 1, CAST(j.value ->> 2 AS BIGINT) \
         FROM json_each($1) AS j WHERE true ORDER BY j.key \
         ON CONFLICT (day, address) DO UPDATE SET mails = recipient_days.mails + excluded.mails \
         RETURNING day, address, mails")
        .bind(json(&rows))
        .all(connection)
        .await?;
    let counted = counted.into_iter();
    Ok(counted
        .map(|(day, address, mails)| ((day, address), mails))
        .collect())
}

/// Forgets days that are long over, when somebody gets the first mail of another.
async fn forget(
    connection: &mut Connection,
    asked: &BTreeMap<Key, i64>,
    before: &BTreeMap<Key, i64>,
) -> Result<()> {
    let is_new = |key: &&Key| before.get(key).is_none_or(|mails| *mails == 0);
    let Some((day, _)) = asked.keys().find(is_new) else {
        return Ok(());
    };
    let Some(last) = (day.parse::<Date>().ok()).and_then(|day| day.checked_sub(kept()).ok()) else {
        return Ok(());
    };
    sql("DELETE FROM recipient_days WHERE day < $1")
        .bind(last.to_string())
        .run(connection)
        .await?;
    Ok(())
}

/// What was attempted once is put off with the address that it has; it leaves as it is.
async fn put_off(connection: &mut Connection, over: &[(&Freeze, i64)]) -> Result<()> {
    #[derive(Serialize)]
    struct Later {
        id: i64,
        until: i64,
        recipients: String,
    }
    if over.is_empty() {
        return Ok(());
    }
    let later = over.iter().flat_map(|(mail, until)| {
        let recipients = mail.ration.as_ref().map(Ration::recipients);
        mail.with_merged().map(move |one| Later {
            id: one.fence.id,
            until: *until,
            recipients: recipients.clone().unwrap_or_default(),
        })
    });
    sql("UPDATE outbox \
         SET not_before = CAST(j.value ->> 'until' AS BIGINT), reason = 'gathered-day', \
             address = CASE WHEN outbox.frozen IS NULL THEN j.value ->> 'recipients' ELSE outbox.address END \
         FROM json_each($1) AS j WHERE outbox.id = CAST(j.value ->> 'id' AS BIGINT)")
    .bind(json(&later.collect::<Vec<_>>()))
    .run(connection)
    .await?;
    Ok(())
}
