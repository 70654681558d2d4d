//! New subjects, alone or opened by a step, and what every subject brings forth.

use std::collections::BTreeSet;

use serde::Serialize;

use super::error::Cause;
use super::given::{NewPerson, NewSubject, Outcome, PersonRef, TextNew};
use super::places::{Places, Want, has_seen, newest_news};
use super::rows::SubjectKind;
use super::sealed::{self, Seal};
use super::set::Set;
use super::sql::{Connection, either, sql};
use super::{Result, Store, guarded, hooks, json, progress};

impl Store {
    /// Creates subjects with their first history, all or none, and answers their row ids in order.
    ///
    /// # Errors
    /// [`is_hold_full`](super::StoreError::is_hold_full) when one that takes a place finds none,
    /// [`is_overtaken`](super::StoreError::is_overtaken) when its places were looked at before the hold's newest news,
    /// [`is_conflict`](super::StoreError::is_conflict) when a public id exists already.
    pub async fn create(&self, subjects: Vec<NewSubject>, recorded_at: i64) -> Result<Vec<i64>> {
        self.announce(move |connection| {
            Box::pin(async move { create(connection, &subjects, recorded_at).await })
        })
        .await
    }
}

/// Creates subjects within a transaction.
pub(super) async fn create(
    connection: &mut Connection,
    subjects: &[NewSubject],
    recorded_at: i64,
) -> Result<Vec<i64>> {
    let (ids, told) = new_ids_and_hooks(connection, subjects.len()).await?;
    if subjects.iter().any(|s| s.kind == SubjectKind::Cohort) {
        guarded::another_hold(connection).await?;
    }
    let holds = wanted_holds(subjects);
    guarded::holds(connection, &holds).await?;
    let newest = newest_news(connection, &holds).await?;
    if !subjects.iter().all(|subject| has_seen(subject, &newest)) {
        return Err(Cause::Overtaken.into());
    }
    let mut places = Places::of(connection, &holds).await?;
    let subjects: Vec<(i64, &NewSubject)> = ids.into_iter().zip(subjects).collect();
    for (id, subject) in &subjects {
        if let Some(want) = place_wanted(*id, subject)
            && !places.grant(std::slice::from_ref(&want))
        {
            return Err(Cause::HoldFull {
                cohort: want.cohort,
                places: want.capacity,
            }
            .into());
        }
    }
    insert(connection, &subjects).await?;
    places.store(connection).await?;
    let outcomes: Vec<_> = subjects.iter().map(|(id, s)| (*id, &s.outcome)).collect();
    store_outcomes(connection, &outcomes, recorded_at).await?;
    if told > 0 {
        hooks::tell(connection, &outcomes, recorded_at).await?;
    }
    let holds = subjects
        .iter()
        .filter(|(_, s)| s.kind == SubjectKind::Cohort);
    let holds: Vec<i64> = holds.map(|(id, _)| *id).collect();
    wake_waiting(connection, &holds).await?;
    Ok(subjects.into_iter().map(|(id, _)| id).collect())
}

/// The holds whose places these take.
pub(super) fn wanted_holds<'a>(
    subjects: impl IntoIterator<Item = &'a NewSubject>,
) -> BTreeSet<i64> {
    let taking = subjects.into_iter().filter(|s| s.take_place.is_some());
    taking.filter_map(|s| s.cohort_id).collect()
}

pub(super) fn place_wanted(case: i64, subject: &NewSubject) -> Option<Want> {
    Some(Want {
        cohort: subject.cohort_id?,
        capacity: subject.take_place?,
        case,
    })
}

/// Row ids for new subjects, taken beforehand, so that a set-wise insert knows them. SQLite has one
/// writer, so the next numbers are free; PostgreSQL has a sequence.
pub(super) async fn new_ids(connection: &mut Connection, count: usize) -> Result<Vec<i64>> {
    Ok(new_ids_and_hooks(connection, count).await?.0)
}

/// The same, and how many hooks there are, which stays so: asked in one, so that it costs nothing.
async fn new_ids_and_hooks(connection: &mut Connection, count: usize) -> Result<(Vec<i64>, i64)> {
    if count == 0 {
        return Ok((Vec::new(), 0));
    }
    let rows: Vec<(i64, i64)> = either(
        "SELECT (SELECT COALESCE(max(id), 0) FROM subjects) + key + 1, (SELECT hooks FROM cluster) FROM json_each($1)",
        "SELECT nextval(pg_get_serial_sequence('subjects', 'id')), (SELECT hooks FROM cluster FOR SHARE) \
         FROM json_each($1)",
    )
    .bind(json(&vec![0; count]))
    .all(connection)
    .await?;
    let hooks = rows.first().map_or(0, |(_, hooks)| *hooks);
    Ok((rows.into_iter().map(|(id, _)| id).collect(), hooks))
}

/// Inserts the rows, and the people that come with them.
pub(super) async fn insert(
    connection: &mut Connection,
    subjects: &[(i64, &NewSubject)],
) -> Result<()> {
    if subjects.is_empty() {
        return Ok(());
    }
    let newcomers: Vec<&NewPerson> = (subjects.iter())
        .filter_map(|(_, subject)| match &subject.person {
            Some(PersonRef::New(person)) => Some(person),
            _ => None,
        })
        .collect();
    let mut newcomers = insert_people(connection, &newcomers).await?.into_iter();
    let rows: Vec<SubjectOf> = (subjects.iter())
        .map(|(id, subject)| SubjectOf {
            id: *id,
            row: subject,
            person_id: match &subject.person {
                Some(PersonRef::Id(id)) => Some(*id),
                Some(PersonRef::New(_)) => newcomers.next(),
                None => None,
            },
        })
        .collect();
    let inserted = Set::of(&rows)
        .whole("id", |row| row.id)
        .text("public_id", |row| row.row.public_id.as_str())
        .text("kind", |row| row.row.kind.as_str())
        .whole("cohort_id", |row| row.row.cohort_id)
        .whole("cohort_broadcast", |row| row.row.cohort_broadcast)
        .whole("version_id", |row| row.row.version_id)
        .whole("person_id", |row| row.person_id)
        .whole("organisation_id", |row| row.row.organisation_id)
        .text("title", |row| row.row.title.as_deref())
        .text("starts_on", |row| row.row.starts_on.as_deref())
        .whole("seq", |row| row.row.seq)
        .text("state", |row| row.row.state.as_deref())
        .whole("next_due_at", |row| row.row.next_due_at)
        .whole("plan_rev", |row| row.row.plan_rev)
        .whole("last_at", |row| row.row.last_at)
        .text("snapshot", |row| row.row.snapshot.as_str())
        .whole("task_due_at", |row| row.row.outcome.task_due_at)
        .whole("meeting_end_at", |row| row.row.outcome.meeting_end_at)
        .run(connection, include_str!("insert_subjects.sql"))
        .await?;
    all_there("subjects", rows.len(), inserted)
}

/// A new subject with the row ids it gets.
struct SubjectOf<'a> {
    id: i64,
    person_id: Option<i64>,
    row: &'a NewSubject,
}

/// Inserts people and answers their row ids in order.
pub(super) async fn insert_people(
    connection: &mut Connection,
    people: &[&NewPerson],
) -> Result<Vec<i64>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = either(
        "SELECT (SELECT COALESCE(max(id), 0) FROM people) + key + 1 FROM json_each($1)",
        "SELECT nextval(pg_get_serial_sequence('people', 'id')) FROM json_each($1)",
    )
    .bind(json(&vec![0; people.len()]))
    .values(&mut *connection)
    .await?;
    let rows: Vec<(i64, &NewPerson)> = ids.iter().copied().zip(people.iter().copied()).collect();
    Set::of(&rows)
        .whole("id", |(id, _)| *id)
        .whole("organisation_id", |(_, person)| person.organisation_id)
        .text("name", |(_, person)| person.name.as_str())
        .text("email", |(_, person)| person.email.as_deref())
        .text("phone", |(_, person)| person.phone.as_deref())
        .text("born", |(_, person)| person.born.as_deref())
        .run(
            connection,
            "INSERT INTO people (id, organisation_id, name, email, phone, born) \
             SELECT id, organisation_id, name, email, phone, born FROM rows",
        )
        .await?;
    Ok(ids)
}

/// A row of a subject.
#[derive(Serialize)]
struct Of<'a, T> {
    subject_id: i64,
    #[serde(flatten)]
    row: &'a T,
}

fn rows_of<'a, T: Serialize>(
    outcomes: &[(i64, &'a Outcome)],
    rows: impl Fn(&'a Outcome) -> &'a [T],
) -> Vec<Of<'a, T>> {
    let of = |&(subject_id, outcome)| (rows(outcome).iter()).map(move |row| Of { subject_id, row });
    outcomes.iter().flat_map(of).collect()
}

/// Stores what subjects bring forth: history, mail, news, words; a statement per table.
pub(super) async fn store_outcomes(
    connection: &mut Connection,
    outcomes: &[(i64, &Outcome)],
    recorded_at: i64,
) -> Result<()> {
    store_events(connection, outcomes, recorded_at).await?;
    store_outbox(connection, outcomes, recorded_at).await?;
    store_gather(connection, outcomes).await?;
    store_texts(connection, outcomes).await?;
    progress::store(connection, outcomes).await?;
    store_seats(connection, outcomes).await?;
    store_news(connection, outcomes).await
}

/// Who fills a role, in place of who did.
async fn store_seats(connection: &mut Connection, outcomes: &[(i64, &Outcome)]) -> Result<()> {
    let seated = outcomes
        .iter()
        .filter_map(|(id, outcome)| Some((*id, outcome.seats.as_ref()?)));
    let (mut cases, mut seats) = (Vec::new(), Vec::new());
    for (case, people) in seated {
        cases.push(case);
        seats.extend(people.iter().map(|person| (case, *person)));
    }
    if cases.is_empty() {
        return Ok(());
    }
    sql("DELETE FROM seats WHERE case_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))")
        .bind(&cases)
        .run(&mut *connection)
        .await?;
    Set::of(&seats)
        .whole("case_id", |(case, _)| *case)
        .whole("person_id", |(_, person)| *person)
        .run(
            connection,
            "INSERT INTO seats (case_id, person_id) SELECT DISTINCT case_id, person_id FROM rows",
        )
        .await?;
    Ok(())
}

async fn store_events(
    connection: &mut Connection,
    outcomes: &[(i64, &Outcome)],
    recorded_at: i64,
) -> Result<()> {
    let events = rows_of(outcomes, |outcome| &outcome.events);
    if events.is_empty() {
        return Ok(());
    }
    let inserted = Set::of(&events)
        .whole("subject_id", |event| event.subject_id)
        .whole("seq", |event| event.row.seq)
        .whole("at", |event| event.row.at)
        .whole("recorded_at", |_| recorded_at)
        .text("actor", |event| event.row.actor.as_str())
        .text("kind", |event| event.row.kind.as_str())
        .text("input_key", |event| event.row.input_key.as_deref())
        .text("payload", |event| event.row.payload.as_str())
        .run(
            connection,
            "INSERT INTO events (subject_id, seq, at, recorded_at, actor, kind, input_key, payload) \
             SELECT subject_id, seq, at, recorded_at, actor, kind, input_key, payload FROM rows",
        )
        .await?;
    all_there("events", events.len(), inserted)
}

async fn store_outbox(
    connection: &mut Connection,
    outcomes: &[(i64, &Outcome)],
    recorded_at: i64,
) -> Result<()> {
    let mails = rows_of(outcomes, |outcome| &outcome.outbox);
    if mails.is_empty() {
        return Ok(());
    }
    let inserted = Set::of(&mails)
        .whole("subject_id", |mail| mail.subject_id)
        .text("occurrence", |mail| mail.row.occurrence.as_str())
        .text("seat", |mail| mail.row.seat.as_str())
        .whole("revision", |mail| mail.row.revision)
        .text("public_id", |mail| mail.row.public_id.as_str())
        .text("method", |mail| mail.row.method.as_deref())
        .text("status", |mail| mail.row.status.as_str())
        .text("reason", |mail| mail.row.reason.as_deref())
        .whole("priority", |mail| mail.row.priority)
        .whole("not_before", |mail| mail.row.not_before)
        .whole("late_lot", |mail| mail.row.late_lot)
        .text("intent", |mail| mail.row.intent.as_str())
        .whole("created_at", |_| recorded_at)
        .run(connection, include_str!("insert_outbox.sql"))
        .await?;
    all_there("outbox", mails.len(), inserted)?;
    // After the insert, so that a step that says a thing twice says only the last.
    let newer: Vec<_> = mails.iter().filter(|mail| mail.row.revision > 0).collect();
    if !newer.is_empty() {
        sql(include_str!("supersede.sql"))
            .bind(json(&newer))
            .bind(recorded_at)
            .run(connection)
            .await?;
    }
    Ok(())
}

async fn store_gather(connection: &mut Connection, outcomes: &[(i64, &Outcome)]) -> Result<()> {
    let items = rows_of(outcomes, |outcome| &outcome.gather);
    if items.is_empty() {
        return Ok(());
    }
    let inserted = sql(include_str!("insert_gather.sql"))
        .bind(json(&items))
        .run(connection)
        .await?;
    all_there("gather_items", items.len(), inserted)
}

async fn store_texts(connection: &mut Connection, outcomes: &[(i64, &Outcome)]) -> Result<()> {
    let texts = rows_of(outcomes, |outcome| &outcome.texts);
    if texts.is_empty() {
        return Ok(());
    }
    let seal = Seal::of(connection).await?;
    let sealed = texts.iter().map(|text| {
        let cell = sealed::text_of(text.subject_id, &text.row.name);
        seal.text(cell, text.row.text.clone())
    });
    let texts: Vec<(String, &Of<'_, TextNew>)> = sealed
        .zip(&texts)
        .map(|(sealed, text)| Ok((sealed?, text)))
        .collect::<Result<_>>()?;
    Set::of(&texts)
        .whole("subject_id", |(_, text)| text.subject_id)
        .text("name", |(_, text)| text.row.name.as_str())
        .text("text", |(sealed, _)| sealed.as_str())
        .whole("at", |(_, text)| text.row.at)
        .text("sealed_by", |_| seal.by())
        .run(
            connection,
            "INSERT INTO texts (subject_id, name, text, at, sealed_by) \
             SELECT subject_id, name, text, at, sealed_by FROM rows WHERE true \
             ON CONFLICT (subject_id, name) DO UPDATE \
             SET text = excluded.text, at = excluded.at, sealed_by = excluded.sealed_by",
        )
        .await?;
    Ok(())
}

/// Puts news into inboxes, each once per key, and wakes those who got something new.
async fn store_news(connection: &mut Connection, outcomes: &[(i64, &Outcome)]) -> Result<()> {
    let news = rows_of(outcomes, |outcome| &outcome.inbox_out);
    if news.is_empty() {
        return Ok(());
    }
    let woken: Vec<i64> = Set::of(&news)
        .whole("target", |news| news.row.target)
        .text("key", |news| news.row.key.as_str())
        .whole("at", |news| news.row.at)
        .text("payload", |news| news.row.payload.as_str())
        .values(
            connection,
            "INSERT INTO inbox (target, key, at, payload) \
             SELECT target, key, at, payload FROM rows WHERE true \
             ON CONFLICT (target, key) DO NOTHING \
             RETURNING target",
        )
        .await?;
    if !woken.is_empty() {
        sql(
            "UPDATE subjects SET next_due_at = 0 WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))",
        )
        .bind(&woken)
        .run(connection)
        .await?;
    }
    Ok(())
}

/// Holds are there, or begin on another day, or are cancelled: cases of their workflow that wait for
/// a later hold look again, and no others.
pub(super) async fn wake_waiting(connection: &mut Connection, holds: &[i64]) -> Result<()> {
    if !holds.is_empty() {
        sql("UPDATE subjects SET next_due_at = 0 \
             WHERE waits = 1 \
               AND workflow IN (SELECT workflow FROM subjects \
                                WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)))")
        .bind(holds)
        .run(connection)
        .await?;
    }
    Ok(())
}

/// A set-wise statement that wrote another number of rows than it was given is a bug.
pub(super) fn all_there(table: &'static str, expected: usize, wrote: u64) -> Result<()> {
    if u64::try_from(expected) == Ok(wrote) {
        Ok(())
    } else {
        Err(Cause::Lost {
            table,
            expected,
            wrote,
        }
        .into())
    }
}
