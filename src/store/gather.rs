//! Bundles: what is gathered for one person closes into one mail.

use std::collections::BTreeMap;

use super::given::Late;
use super::rows::{Bundle, GatherRow};
use super::sql::{Connection, sql};
use super::{Result, Store, guarded, json, stops};

impl Store {
    /// Closes every group of which an item closes by `now` (µs UTC): queues one mail for all its
    /// open items, in the stream of the first by subject; of very many, the first, and the rest when it is called again. What is in it is read with
    /// [`gather_items`](Self::gather_items) when it is frozen. Bundles that are late are held. What is stopped and what is
    /// not are bundles of their own.
    pub async fn close_gathers(&self, now: i64, late: Option<Late>) -> Result<Vec<Bundle>> {
        if groups_closing(&mut *self.reader().await?, now)
            .await?
            .is_empty()
        {
            return Ok(Vec::new());
        }
        self.announce(move |connection| {
            Box::pin(async move {
                guarded::gathers(connection).await?;
                let closing = groups_closing(connection, now).await?;
                let mails: Vec<(i64, String)> = sql(include_str!("close_gathers.sql"))
                    .bind(now)
                    .bind(late.map(|late| late.before))
                    .bind(late.map(|late| late.lot))
                    .bind(json(&closing))
                    .all(&mut *connection)
                    .await?;
                if mails.is_empty() {
                    return Ok(Vec::new());
                }
                let taken: Vec<i64> = sql(
                    "UPDATE gather_items SET bundle_id = CAST(j.value ->> 0 AS BIGINT) \
                     FROM json_each($1) AS j \
                     WHERE gather_items.group_key = j.value ->> 1 \
                       AND gather_items.bundle_id IS NULL \
                     RETURNING gather_items.bundle_id",
                )
                .bind(json(&mails))
                .values(&mut *connection)
                .await?;
                let ids: Vec<i64> = mails.iter().map(|(id, _)| *id).collect();
                stops::take_apart(connection, Some(&ids)).await?;
                let mut items: BTreeMap<i64, i64> = BTreeMap::new();
                for bundle in taken {
                    *items.entry(bundle).or_default() += 1;
                }
                Ok((mails.into_iter())
                    .map(|(outbox_id, group_key)| Bundle {
                        outbox_id,
                        group_key,
                        items: items.get(&outbox_id).copied().unwrap_or(0),
                    })
                    .collect())
            })
        })
        .await
    }

    /// What is in a bundle: subject by subject, of each in the order in which it was gathered.
    pub async fn gather_items(&self, bundle: i64) -> Result<Vec<GatherRow>> {
        let items = sql("SELECT * FROM gather_items WHERE bundle_id = $1 ORDER BY subject_id, id")
            .bind(bundle)
            .all(&mut *self.reader().await?)
            .await?;
        Ok(items)
    }
}

async fn groups_closing(connection: &mut Connection, now: i64) -> Result<Vec<String>> {
    sql(include_str!("closing.sql"))
        .bind(now)
        .values(connection)
        .await
}
