//! What comes back: mail that was received, addresses that take none, and how far mailboxes have been read.

use super::create::store_outcomes;
use super::given::{OutboxNew, Outcome};
use super::sees::{Sees, seen_case};
use super::sql::{Connection, sql};
use super::{Result, Store, json};

/// Why mail is held whose address takes none: the code that the runner gives.
pub const HELD_FOR_ADDRESS: &str = "address-returns";

/// A mail that has come in, to be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceivedNew {
    /// Unique: the same mail is kept once.
    pub key: String,
    /// When it came, µs UTC.
    pub at: i64,
    /// `bounce`, `automatic`, `answer` or `human`.
    pub kind: String,
    /// Of a bounce its weight, of an answer what it says, of a program's mail which program.
    pub detail: Option<String>,
    /// The status code of a bounce.
    pub code: Option<String>,
    /// The server's words.
    pub words: Option<String>,
    /// The mail of ours that it is about.
    pub outbox_id: Option<i64>,
    /// The case or hold that it is about.
    pub subject_id: Option<i64>,
    /// Who wrote it, or whom it is about, as far as known.
    pub person_id: Option<i64>,
    /// The sender's address.
    pub from_address: Option<String>,
    /// Of a bounce: the address it is about, lower case.
    pub recipient: Option<String>,
    /// Its subject.
    pub subject_line: Option<String>,
    /// What the person wrote.
    pub text: Option<String>,
    /// What became of it.
    pub note: Option<String>,
    /// A person has to look at it.
    pub is_open: bool,
    /// It waits for a person if so many mails in a row have come back since an instant, µs UTC.
    pub opens_after: Option<(i64, i64)>,
    /// The address takes no mail from here on; why.
    pub marks: Option<String>,
    /// It is passed on with this mail, of the subject.
    pub forward: Option<OutboxNew>,
}

/// A mail that has come in.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ReceivedRow {
    /// Row id.
    pub id: i64,
    /// Unique.
    pub key: String,
    /// When it came, µs UTC.
    pub at: i64,
    /// `bounce`, `automatic`, `answer` or `human`.
    pub kind: String,
    /// Of a bounce its weight, of an answer what it says, of a program's mail which program.
    pub detail: Option<String>,
    /// The status code of a bounce.
    pub code: Option<String>,
    /// The server's words.
    pub words: Option<String>,
    /// The mail of ours that it is about.
    pub outbox_id: Option<i64>,
    /// The case or hold that it is about.
    pub subject_id: Option<i64>,
    /// Who wrote it, or whom it is about.
    pub person_id: Option<i64>,
    /// The sender's address.
    pub from_address: Option<String>,
    /// Of a bounce: the address it is about.
    pub recipient: Option<String>,
    /// Its subject.
    pub subject_line: Option<String>,
    /// What the person wrote.
    pub text: Option<String>,
    /// What became of it.
    pub note: Option<String>,
    /// When a person had seen to it, µs UTC.
    pub handled_at: Option<i64>,
    /// Who.
    pub handled_by: Option<String>,
}

/// Which received mail to list; everything absent is not asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceivedFilter {
    /// Only what waits for a person.
    pub open: bool,
    /// Of a subject.
    pub subject: Option<i64>,
    /// At most so many, the newest first.
    pub limit: i64,
}

/// An address that takes no mail.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AddressRow {
    /// Lower case.
    pub address: String,
    /// `bounced` or `suppressed`.
    pub state: String,
    /// Since when, µs UTC.
    pub since: i64,
    /// Why.
    pub why: String,
    /// The mail that came back.
    pub outbox_id: Option<i64>,
}

/// How far a mailbox has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct MailboxRow {
    /// What the mailbox's numbers are of: with another, they begin anew.
    pub validity: i64,
    /// The highest number that has been kept.
    pub last_uid: i64,
}

/// Received mail under a condition, of cases that are seen.
macro_rules! seen_of {
    ($condition:literal) => {
        concat!(
            "SELECT * FROM received WHERE ",
            $condition,
            " AND (CAST($4 AS TEXT) = 'all' OR EXISTS (SELECT 1 FROM subject_keys AS k \
               WHERE k.id = received.subject_id AND ",
            seen_case!("k", "4", "5"),
            ")) ORDER BY id DESC LIMIT CAST($1 AS BIGINT)"
        )
    };
}

impl Store {
    /// Keeps a mail that has come in, with all that follows from it; none when it was kept before. Answers its
    /// row id.
    pub async fn receive(&self, new: ReceivedNew) -> Result<Option<i64>> {
        self.announce(move |connection| Box::pin(async move { receive(connection, &new).await }))
            .await
    }

    /// Received mail, the newest first; what is about no case is for those who see all.
    pub async fn received(&self, sees: Sees, filter: &ReceivedFilter) -> Result<Vec<ReceivedRow>> {
        let text = match (filter.subject, filter.open) {
            (Some(_), _) => {
                seen_of!("subject_id = $2 AND ($3 = 0 OR handled_at IS NULL)")
            }
            (None, true) => {
                seen_of!("handled_at IS NULL AND $2 IS NULL AND $3 = 1")
            }
            (None, false) => {
                seen_of!("$2 IS NULL AND $3 = 0")
            }
        };
        let list = sql(text)
            .bind(filter.limit)
            .bind(filter.subject)
            .bind(filter.open);
        sees.bind_to(list).all(&mut *self.reader().await?).await
    }

    /// One received mail.
    pub async fn received_row(&self, id: i64) -> Result<Option<ReceivedRow>> {
        sql("SELECT * FROM received WHERE id = $1")
            .bind(id)
            .optional(&mut *self.reader().await?)
            .await
    }

    /// One received mail by its key.
    pub async fn received_by_key(&self, key: &str) -> Result<Option<ReceivedRow>> {
        sql("SELECT * FROM received WHERE key = $1")
            .bind(key)
            .optional(&mut *self.reader().await?)
            .await
    }

    /// What has come back of a mail, the newest first.
    pub async fn received_of(&self, outbox_id: i64) -> Result<Vec<ReceivedRow>> {
        sql("SELECT * FROM received WHERE outbox_id = $1 ORDER BY id DESC")
            .bind(outbox_id)
            .all(&mut *self.reader().await?)
            .await
    }

    /// The cases of a person that have not ended in anybody's eyes: those that are not erased, the newest
    /// first.
    pub async fn open_cases_of(&self, person: i64) -> Result<Vec<i64>> {
        sql(
            "SELECT s.id FROM subject_keys AS k JOIN subjects AS s ON s.id = k.id \
             WHERE k.person_id = $1 AND s.kind = 'case' AND s.erased_at IS NULL \
             ORDER BY s.id DESC LIMIT 2",
        )
        .bind(person)
        .values(&mut *self.reader().await?)
        .await
    }

    /// A person has seen to a received mail (µs UTC). False when nobody had to.
    pub async fn handle_received(&self, id: i64, by: &str, at: i64) -> Result<bool> {
        let by = by.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let handled = sql("UPDATE received SET handled_at = $2, handled_by = $3 \
                     WHERE id = $1 AND handled_at IS NULL")
                .bind(id)
                .bind(at)
                .bind(by)
                .run(connection)
                .await?;
                Ok(handled > 0)
            })
        })
        .await
    }

    /// Addresses that take no mail, the newest first.
    pub async fn addresses(&self) -> Result<Vec<AddressRow>> {
        sql("SELECT * FROM addresses ORDER BY since DESC, address")
            .all(&mut *self.reader().await?)
            .await
    }

    /// An address takes mail again: what was held for it is looked at anew, and what was told of it is seen to.
    /// False when nothing was known against it.
    pub async fn clear_address(&self, address: &str, by: &str, at: i64) -> Result<bool> {
        let (address, by) = (address.to_lowercase(), by.to_owned());
        self.announce(move |connection| {
            Box::pin(async move {
                let cleared = sql("DELETE FROM addresses WHERE address = $1")
                    .bind(&address)
                    .run(&mut *connection)
                    .await?;
                seen_to(connection, &address, &by, at).await?;
                Ok(cleared > 0)
            })
        })
        .await
    }

    /// Whoever has an address has another one from here on; mail that was held is looked at anew. Answers how
    /// many people and organisations had it. The old address stays as it is: nobody is there.
    pub async fn change_address(&self, old: &str, new: &str, by: &str, at: i64) -> Result<u64> {
        let (old, new, by) = (old.to_lowercase(), new.to_owned(), by.to_owned());
        self.announce(move |connection| {
            Box::pin(async move {
                let mut changed = 0;
                for text in [
                    "UPDATE people SET email = $2 WHERE lower(email) = $1",
                    "UPDATE organisations SET email = $2 WHERE lower(email) = $1",
                ] {
                    changed += sql(text)
                        .bind(&old)
                        .bind(&new)
                        .run(&mut *connection)
                        .await?;
                }
                if changed > 0 {
                    seen_to(connection, &old, &by, at).await?;
                }
                Ok(changed)
            })
        })
        .await
    }

    /// Takes a mailbox for a process until an instant (µs UTC), and answers how far it has been read; none
    /// when another has it.
    pub async fn take_mailbox(
        &self,
        name: &str,
        node: &str,
        now: i64,
        until: i64,
    ) -> Result<Option<MailboxRow>> {
        let (name, node) = (name.to_owned(), node.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sql("INSERT INTO mailboxes (name) VALUES ($1) ON CONFLICT (name) DO NOTHING")
                    .bind(&name)
                    .run(&mut *connection)
                    .await?;
                sql("UPDATE mailboxes SET held_by = $2, held_until = $4 \
                     WHERE name = $1 AND (held_by IS NULL OR held_by = $2 OR held_until < $3) \
                     RETURNING validity, last_uid")
                .bind(&name)
                .bind(&node)
                .bind(now)
                .bind(until)
                .optional(connection)
                .await
            })
        })
        .await
    }

    /// A message of a mailbox is kept, and those before it; the mailbox is this process's until an instant.
    /// False when it is another's by now.
    pub async fn read_mailbox(
        &self,
        name: &str,
        node: &str,
        read: MailboxRow,
        until: i64,
    ) -> Result<bool> {
        let (name, node) = (name.to_owned(), node.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                let kept = sql("UPDATE mailboxes \
                     SET validity = $3, last_uid = $4, held_until = $5 \
                     WHERE name = $1 AND held_by = $2")
                .bind(&name)
                .bind(&node)
                .bind(read.validity)
                .bind(read.last_uid)
                .bind(until)
                .run(connection)
                .await?;
                Ok(kept > 0)
            })
        })
        .await
    }

    /// Lets a mailbox go.
    pub async fn leave_mailbox(&self, name: &str, node: &str) -> Result<()> {
        let (name, node) = (name.to_owned(), node.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sql("UPDATE mailboxes SET held_by = NULL, held_until = 0 \
                     WHERE name = $1 AND held_by = $2")
                .bind(&name)
                .bind(&node)
                .run(connection)
                .await?;
                Ok(())
            })
        })
        .await
    }
}

async fn receive(connection: &mut Connection, new: &ReceivedNew) -> Result<Option<i64>> {
    let handled = (!new.is_open).then_some(new.at);
    let id: Option<i64> = sql(
        "INSERT INTO received (key, at, kind, detail, code, words, outbox_id, subject_id, \
             person_id, from_address, recipient, subject_line, text, note, handled_at, handled_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
         ON CONFLICT (key) DO NOTHING RETURNING id",
    )
    .bind(&new.key)
    .bind(new.at)
    .bind(&new.kind)
    .bind(&new.detail)
    .bind(&new.code)
    .bind(&new.words)
    .bind(new.outbox_id)
    .bind(new.subject_id)
    .bind(new.person_id)
    .bind(&new.from_address)
    .bind(&new.recipient)
    .bind(&new.subject_line)
    .bind(&new.text)
    .bind(&new.note)
    .bind(handled)
    .bind(handled.map(|_| "intake"))
    .optional_value(&mut *connection)
    .await?;
    let Some(id) = id else {
        return Ok(None);
    };
    if let (Some((since, mails)), Some(recipient)) = (new.opens_after, &new.recipient) {
        let back: i64 = sql(include_str!("soft_bounces.sql"))
            .bind(recipient)
            .bind(since)
            .value(&mut *connection)
            .await?;
        if back >= mails {
            sql("UPDATE received SET handled_at = NULL, handled_by = NULL WHERE id = $1")
                .bind(id)
                .run(&mut *connection)
                .await?;
        }
    }
    if let (Some(why), Some(recipient)) = (&new.marks, &new.recipient) {
        sql(
            "INSERT INTO addresses (address, state, since, why, outbox_id) \
             VALUES ($1, 'bounced', $2, $3, $4) ON CONFLICT (address) DO NOTHING",
        )
        .bind(recipient)
        .bind(new.at)
        .bind(why)
        .bind(new.outbox_id)
        .run(&mut *connection)
        .await?;
    }
    if let (Some(forward), Some(subject)) = (&new.forward, new.subject_id) {
        let outcome = Outcome {
            outbox: vec![forward.clone()],
            ..Outcome::default()
        };
        store_outcomes(connection, &[(subject, &outcome)], new.at).await?;
    }
    Ok(Some(id))
}

/// Mail that was held for an address is decided anew, and nobody has to look at what came back from this one.
async fn seen_to(connection: &mut Connection, address: &str, by: &str, at: i64) -> Result<()> {
    sql("UPDATE received SET handled_at = $2, handled_by = $3 \
         WHERE handled_at IS NULL AND kind = 'bounce' AND recipient = $1")
    .bind(address)
    .bind(at)
    .bind(by)
    .run(&mut *connection)
    .await?;
    sql("UPDATE outbox SET status = 'queued', reason = NULL \
         WHERE status = 'held' AND reason IN (SELECT atom FROM json_each($1))")
    .bind(json(&[HELD_FOR_ADDRESS]))
    .run(connection)
    .await?;
    Ok(())
}
