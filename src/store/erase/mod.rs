//! What identifies people is erased: with their cases, and with the last of them the people themselves.
//!
//! One way for all of it, whether time or a person wants it. What leaves no word behind is here; the bytes that a
//! database file keeps of what is no longer in any row are [`scrub`](super::Store::scrub)'s.

mod person;

use super::given::Write;
use super::set::Set;
use super::sql::{Connection, either, sql};
use super::{Result, beside, json, wishes};

pub use self::person::{Erased, PersonErase};

/// Erases what identifies the people of the cases that these steps anonymise. A person goes with the last of their
/// cases, and never while they are staff; what is unsent about a case is not sent.
pub(super) async fn steps(connection: &mut Connection, writes: &[&Write], at: i64) -> Result<()> {
    let erased = writes.iter().filter(|write| write.erase_person);
    let erased: Vec<i64> = erased.map(|write| write.subject_id).collect();
    if erased.is_empty() {
        return Ok(());
    }
    let cases = json(&erased);
    // Asked before anything goes.
    let gone = gone_with(connection, &cases).await?;
    let addresses = addresses_of(connection, &cases, &gone).await?;
    wishes::erase(connection, &cases).await?;
    beside::erase(connection, &cases).await?;
    for text in OF_CASES {
        sql(text).bind(&cases).run(&mut *connection).await?;
    }
    sql(
        "UPDATE subjects SET erased_at = $2, title = NULL, fault_text = NULL \
         WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))",
    )
    .bind(&cases)
    .bind(at)
    .run(&mut *connection)
    .await?;
    let told: Vec<(String, i64)> = sql(include_str!("bytes.sql"))
        .bind(&cases)
        .all(&mut *connection)
        .await?;
    to_shred(connection, told).await?;
    let mails: Vec<(String, i64)> = sql(include_str!("mail.sql"))
        .bind(&cases)
        .bind(at)
        .all(&mut *connection)
        .await?;
    to_shred(connection, mails).await?;
    people(connection, &gone, at).await?;
    forget_addresses(connection, &addresses).await?;
    count(connection).await
}

/// What stands in rows of the cases' own, by a JSON list of them.
const OF_CASES: [&str; 4] = [
    "DELETE FROM texts WHERE subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))",
    "UPDATE received \
     SET from_address = NULL, recipient = NULL, subject_line = NULL, words = NULL, text = NULL, note = NULL \
     WHERE subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))",
    "UPDATE import_cases SET was = NULL \
     WHERE case_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))",
    "UPDATE person_acts SET reason = NULL \
     WHERE subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))",
];

/// Those whose last cases these are, by row id: no other case of theirs has its words still, and they are not staff.
async fn gone_with(connection: &mut Connection, cases: &str) -> Result<Vec<i64>> {
    sql("SELECT DISTINCT k.person_id FROM subject_keys AS k \
         WHERE k.id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND k.person_id IS NOT NULL \
           AND NOT EXISTS (SELECT 1 FROM subject_keys AS o JOIN subjects AS s ON s.id = o.id \
                           WHERE o.person_id = k.person_id AND s.erased_at IS NULL \
                             AND o.id NOT IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))) \
           AND NOT EXISTS (SELECT 1 FROM staff_roles AS r WHERE r.person_id = k.person_id) \
           AND NOT EXISTS (SELECT 1 FROM accounts AS a WHERE a.person_id = k.person_id)")
    .bind(cases)
    .values(connection)
    .await
}

/// Where mail to the people of these cases went, and where those live who go, in small letters.
async fn addresses_of(
    connection: &mut Connection,
    cases: &str,
    gone: &[i64],
) -> Result<Vec<String>> {
    sql("SELECT lower(o.address) FROM subject_keys AS k \
         CROSS JOIN outbox AS o \
         WHERE k.id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) \
           AND o.subject_id IN (k.id, k.cohort_id) AND o.person_id = k.person_id AND o.address IS NOT NULL \
         UNION \
         SELECT lower(p.email) FROM people AS p \
         WHERE p.id IN (SELECT CAST(atom AS BIGINT) FROM json_each($2)) AND p.email IS NOT NULL")
    .bind(cases)
    .bind(gone)
    .values(connection)
    .await
}

/// Empties the rows of people, and what has their name elsewhere than in their cases.
async fn people(connection: &mut Connection, gone: &[i64], at: i64) -> Result<()> {
    if gone.is_empty() {
        return Ok(());
    }
    for text in [
        "UPDATE people SET name = '', email = NULL, phone = NULL, born = NULL, erased = $2 \
         WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND $2 IS NOT NULL",
        "UPDATE received \
         SET from_address = NULL, recipient = NULL, subject_line = NULL, words = NULL, text = NULL, note = NULL \
         WHERE person_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND $2 IS NOT NULL",
        "UPDATE import_cases SET was = NULL \
         WHERE person_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND $2 IS NOT NULL",
        "UPDATE person_acts SET reason = NULL \
         WHERE person_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND $2 IS NOT NULL",
        // A list that is being looked at may name them; it would be gone within the hour.
        "DELETE FROM lists WHERE $1 IS NOT NULL AND $2 IS NOT NULL",
    ] {
        sql(text)
            .bind(json(gone))
            .bind(at)
            .run(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Forgets what is known of addresses at which nobody is any more.
async fn forget_addresses(connection: &mut Connection, addresses: &[String]) -> Result<()> {
    if addresses.is_empty() {
        return Ok(());
    }
    let left: Vec<String> = sql("SELECT j.atom FROM json_each($1) AS j \
         WHERE NOT EXISTS (SELECT 1 FROM people AS p WHERE lower(p.email) = j.atom) \
           AND NOT EXISTS (SELECT 1 FROM organisations AS o WHERE lower(o.email) = j.atom)")
    .bind(json(addresses))
    .values(&mut *connection)
    .await?;
    let domains = left.iter().filter_map(|address| address.rsplit_once('@'));
    let domains: Vec<&str> = domains.map(|(_, domain)| domain).collect();
    for text in [
        "DELETE FROM addresses WHERE address IN (SELECT atom FROM json_each($1))",
        "DELETE FROM recipient_days WHERE address IN (SELECT atom FROM json_each($1))",
        "DELETE FROM suppressions WHERE address IN (SELECT atom FROM json_each($1))",
        // What somebody wrote whom nobody knew by then.
        "UPDATE received \
         SET from_address = NULL, recipient = NULL, subject_line = NULL, words = NULL, text = NULL, note = NULL \
         WHERE lower(from_address) IN (SELECT atom FROM json_each($1)) \
            OR lower(recipient) IN (SELECT atom FROM json_each($1))",
    ] {
        sql(text).bind(json(&left)).run(&mut *connection).await?;
    }
    // A domain may be somebody's name. Another's mail there leaves at most one mail sooner.
    sql("DELETE FROM throttles WHERE per_minute IS NULL AND domain IN (SELECT atom FROM json_each($1))")
        .bind(json(&domains))
        .run(connection)
        .await?;
    Ok(())
}

/// Of erased mails, by public id and attempts, those that were ever passed on leave a note for whoever wrote their files.
async fn to_shred(connection: &mut Connection, mails: Vec<(String, i64)>) -> Result<()> {
    let attempted = mails.into_iter().filter(|(_, attempt)| *attempt > 0);
    let attempted: Vec<String> = attempted.map(|(public_id, _)| public_id).collect();
    Set::of(&attempted)
        .text("public_id", String::as_str)
        .run(
            connection,
            "INSERT INTO shreds (public_id) SELECT public_id FROM rows WHERE true ON CONFLICT DO NOTHING",
        )
        .await?;
    Ok(())
}

/// Something was erased, which a database file is to be written anew for.
async fn count(connection: &mut Connection) -> Result<()> {
    either("UPDATE cluster SET erasures = erasures + 1", "SELECT 1")
        .run(connection)
        .await?;
    Ok(())
}
