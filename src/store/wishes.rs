//! What people want of mail before it leaves: that it waits, or other words.

use super::sql::{Connection, sql};
use super::{Result, Store};

/// What a person wants of one mail, which may not be decided yet: that of a stream, whatever its revision.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Wish {
    /// Row id of the case, hold or workflow that it is about.
    pub subject_id: i64,
    /// Of what: `declaration@scope#visit.ordinal`.
    pub occurrence: String,
    /// To whom.
    pub seat: String,
    /// Rises with every wish about the same mail; 0 is none.
    pub rev: i64,
    /// 1: it waits for a person.
    pub held: i64,
    /// Its subject line instead of the template's.
    pub subject_line: Option<String>,
    /// Its text likewise.
    pub body: Option<String>,
    /// Hash of what it would have said when it was edited: if it would say something else by now, it waits.
    pub instead_of: Option<String>,
    /// Who wished it.
    pub by_whom: String,
    /// When, µs UTC.
    pub at: i64,
}

impl Store {
    /// The wishes about the mail of subjects, by row id.
    pub async fn wishes(&self, subjects: &[i64]) -> Result<Vec<Wish>> {
        sql("SELECT w.* FROM json_each($1) AS j JOIN mail_wishes AS w ON w.subject_id = CAST(j.atom AS BIGINT)")
            .bind(subjects)
            .all(&mut *self.reader().await?)
            .await
    }

    /// Keeps a wish in place of an earlier one about the same mail, whose `rev` it must name: false, and nothing is
    /// kept, when somebody else has wished something since.
    pub async fn wish(&self, wish: Wish) -> Result<bool> {
        self.announce(move |connection| {
            Box::pin(async move {
                let kept = sql(
                    "INSERT INTO mail_wishes AS known (subject_id, occurrence, seat, rev, held, subject_line, body, \
                     instead_of, by_whom, at) \
                     SELECT $1, CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT) + 1, $5, CAST($6 AS TEXT), \
                            CAST($7 AS TEXT), CAST($8 AS TEXT), CAST($9 AS TEXT), $10 \
                     WHERE CAST($4 AS BIGINT) = 0 OR EXISTS (SELECT 1 FROM mail_wishes AS w \
                         WHERE w.subject_id = $1 AND w.occurrence = CAST($2 AS TEXT) AND w.seat = CAST($3 AS TEXT)) \
                     ON CONFLICT (subject_id, occurrence, seat) DO UPDATE SET rev = excluded.rev, held = excluded.held, \
                         subject_line = excluded.subject_line, body = excluded.body, instead_of = excluded.instead_of, \
                         by_whom = excluded.by_whom, at = excluded.at \
                     WHERE known.rev = excluded.rev - 1",
                )
                .bind(wish.subject_id)
                .bind(wish.occurrence)
                .bind(wish.seat)
                .bind(wish.rev)
                .bind(wish.held)
                .bind(wish.subject_line)
                .bind(wish.body)
                .bind(wish.instead_of)
                .bind(wish.by_whom)
                .bind(wish.at)
                .run(connection)
                .await?;
                Ok(kept > 0)
            })
        })
        .await
    }
}

/// What was written instead about erased cases, also in mail of their holds that has ended or goes to them.
pub(super) async fn erase(connection: &mut Connection, cases: &str) -> Result<()> {
    sql(
        "UPDATE mail_wishes SET subject_line = NULL, body = NULL, instead_of = NULL, rev = rev + 1 \
         WHERE subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) \
            OR subject_id IN (SELECT k.cohort_id FROM json_each($1) AS j JOIN subject_keys AS k ON k.id = CAST(j.atom AS BIGINT)) \
               AND (seat IN (SELECT 'candidate:' || j.atom FROM json_each($1) AS j) \
                    OR EXISTS (SELECT 1 FROM outbox AS o \
                               WHERE o.subject_id = mail_wishes.subject_id AND o.occurrence = mail_wishes.occurrence \
                                 AND o.seat = mail_wishes.seat AND o.settled_at IS NOT NULL))",
    )
    .bind(cases)
    .run(connection)
    .await?;
    Ok(())
}
