//! Steps are stored: what is still valid, what has a place, and then one statement per table.

use std::collections::BTreeSet;

use serde::Serialize;

use super::create::{
    all_there, insert, new_ids, place_wanted, store_outcomes, wake_waiting, wanted_holds,
};
use super::given::{CANCELLED, Committed, NewSubject, Outcome, Place, Write};
use super::places::{Places, Want};
use super::sql::{Connection, sql};
use super::{Result, Store, guarded, json, tell};

impl Store {
    /// Stores a batch of steps in one transaction and answers for each, in order.
    ///
    /// A step is `Stale` when its subject, its hold or the planner has moved on since they were
    /// read, also by a step earlier in the same batch; nothing of it is stored, and the others are.
    /// An error, such as a key that exists already, is of the whole batch: nothing is stored.
    pub async fn commit(&self, writes: Vec<Write>, recorded_at: i64) -> Result<Vec<Committed>> {
        if writes.is_empty() {
            return Ok(Vec::new());
        }
        #[cfg(test)]
        if super::gate::splits(&writes) {
            return Box::pin(self.commit_in_two(writes, recorded_at)).await;
        }
        self.write(move |connection| {
            Box::pin(async move {
                let (verdicts, kept) = judge(connection, &writes).await?;
                kept.store(connection, recorded_at).await?;
                // A person's act is told to the other processes at once; a batch is followed by its
                // process's own next look.
                if writes.len() == 1 {
                    tell(connection).await?;
                }
                Ok(verdicts)
            })
        })
        .await
    }
}

/// What will be stored.
struct Kept<'a> {
    writes: Vec<&'a Write>,
    opened: Vec<(i64, &'a NewSubject)>,
    places: Places,
}

/// As in sequence: a step sees what the steps before it have done to its hold and its places.
async fn judge<'a>(
    connection: &mut Connection,
    writes: &'a [Write],
) -> Result<(Vec<Committed>, Kept<'a>)> {
    guarded::steps(connection, writes).await?;
    let valid = still_valid(connection, writes).await?;
    let opens = writes.iter().map(|write| write.opens.len()).sum();
    let mut ids = new_ids(connection, opens).await?.into_iter();
    let mut kept = Kept {
        writes: Vec::with_capacity(valid.len()),
        opened: Vec::new(),
        places: Places::of(connection, &holds_touched(writes)).await?,
    };
    let (mut written, mut called) = (BTreeSet::new(), BTreeSet::new());
    let mut verdicts = Vec::with_capacity(writes.len());
    for (at, write) in writes.iter().enumerate() {
        let overtaken = written.contains(&write.subject_id)
            || (write.expect_cohort).is_some_and(|(cohort, _)| called.contains(&cohort));
        if overtaken || !valid.contains(&at) {
            verdicts.push(Committed::Stale);
            continue;
        }
        let opened: Vec<_> = ids.by_ref().zip(&write.opens).collect();
        if !kept.places.grant(&places_wanted(write, &opened)) {
            verdicts.push(Committed::HoldFull);
            continue;
        }
        if write.place == Place::Give {
            kept.places.give(write.subject_id);
        }
        written.insert(write.subject_id);
        if write.broadcast {
            called.insert(write.subject_id);
        }
        kept.opened.extend(opened);
        kept.writes.push(write);
        verdicts.push(Committed::Done);
    }
    Ok((verdicts, kept))
}

/// The positions of the writes that were computed from what is still so.
async fn still_valid(connection: &mut Connection, writes: &[Write]) -> Result<BTreeSet<usize>> {
    #[derive(Serialize)]
    struct Expected<'a> {
        subject_id: i64,
        expect_seq: i64,
        plan_rev: i64,
        cohort_id: Option<i64>,
        broadcast: Option<i64>,
        inbox_done: &'a [i64],
    }
    let expected: Vec<Expected> = (writes.iter())
        .map(|write| Expected {
            subject_id: write.subject_id,
            expect_seq: write.expect_seq,
            plan_rev: write.plan_rev,
            cohort_id: write.expect_cohort.map(|(cohort, _)| cohort),
            broadcast: write.expect_cohort.map(|(_, broadcast)| broadcast),
            inbox_done: &write.inbox_done,
        })
        .collect();
    let keys: Vec<i64> = sql(include_str!("valid.sql"))
        .bind(json(&expected))
        .values(connection)
        .await?;
    Ok(keys
        .into_iter()
        .filter_map(|key| usize::try_from(key).ok())
        .collect())
}

fn holds_touched(writes: &[Write]) -> BTreeSet<i64> {
    let mut holds = wanted_holds(writes.iter().flat_map(|write| &write.opens));
    for write in writes {
        if let Place::Take { cohort_id, .. } = write.place {
            holds.insert(cohort_id);
        }
    }
    holds
}

fn places_wanted(write: &Write, opened: &[(i64, &NewSubject)]) -> Vec<Want> {
    let own = match write.place {
        Place::Take {
            cohort_id,
            capacity,
        } => Some(Want {
            cohort: cohort_id,
            capacity,
            case: write.subject_id,
        }),
        Place::Give | Place::None => None,
    };
    let opened = opened
        .iter()
        .filter_map(|(id, subject)| place_wanted(*id, subject));
    own.into_iter().chain(opened).collect()
}

impl Kept<'_> {
    /// The order matters: news taken in is marked before the rows are written, since open news
    /// makes a row due; news and calls go out afterwards, since they make rows due that this very
    /// batch may have written; erasure comes last and leaves no word of the step behind.
    async fn store(self, connection: &mut Connection, recorded_at: i64) -> Result<()> {
        let Self {
            writes,
            opened,
            places,
        } = self;
        take_in_news(connection, &writes).await?;
        update_subjects(connection, &writes).await?;
        insert(connection, &opened).await?;
        places.store(connection).await?;
        let own = writes
            .iter()
            .map(|write| (write.subject_id, &write.outcome));
        let theirs = opened.iter().map(|(id, subject)| (*id, &subject.outcome));
        let outcomes: Vec<(i64, &Outcome)> = own.chain(theirs).collect();
        store_outcomes(connection, &outcomes, recorded_at).await?;
        call_members(connection, &writes).await?;
        let other = writes.iter().filter(|write| is_another_hold(write));
        let holds: Vec<i64> = other.map(|write| write.subject_id).collect();
        wake_waiting(connection, &holds).await?;
        erase(connection, &writes, recorded_at).await
    }
}

/// Whether a hold begins on another day now, or is cancelled.
fn is_another_hold(write: &Write) -> bool {
    let is_hold = write.expect_cohort.is_none();
    is_hold && (write.starts_on.is_some() || write.state.as_deref() == Some(CANCELLED))
}

async fn take_in_news(connection: &mut Connection, writes: &[&Write]) -> Result<()> {
    let done: Vec<(i64, i64, i64)> = (writes.iter())
        .flat_map(|write| (write.inbox_done.iter()).map(|id| (*id, write.subject_id, write.seq)))
        .collect();
    if !done.is_empty() {
        sql("UPDATE inbox SET done_seq = CAST(j.value ->> 2 AS BIGINT) \
             FROM json_each($1) AS j \
             WHERE inbox.id = CAST(j.value ->> 0 AS BIGINT) \
               AND inbox.target = CAST(j.value ->> 1 AS BIGINT)")
        .bind(json(&done))
        .run(connection)
        .await?;
    }
    Ok(())
}

async fn update_subjects(connection: &mut Connection, writes: &[&Write]) -> Result<()> {
    #[derive(Serialize)]
    struct Row<'a> {
        subject_id: i64,
        seq: i64,
        state: Option<&'a str>,
        starts_on: Option<&'a str>,
        next_due_at: Option<i64>,
        last_at: i64,
        plan_rev: i64,
        broadcast: i64,
        snapshot: &'a str,
    }
    if writes.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row> = (writes.iter())
        .map(|write| Row {
            subject_id: write.subject_id,
            seq: write.seq,
            state: write.state.as_deref(),
            starts_on: write.starts_on.as_deref(),
            next_due_at: write.next_due_at,
            last_at: write.last_at,
            plan_rev: write.plan_rev,
            broadcast: i64::from(write.broadcast),
            snapshot: &write.snapshot,
        })
        .collect();
    let updated = sql(include_str!("update_subjects.sql"))
        .bind(json(&rows))
        .run(connection)
        .await?;
    all_there("subjects", rows.len(), updated)
}

async fn call_members(connection: &mut Connection, writes: &[&Write]) -> Result<()> {
    let calling = writes.iter().filter(|write| write.broadcast);
    let calling: Vec<i64> = calling.map(|write| write.subject_id).collect();
    if !calling.is_empty() {
        sql("UPDATE subjects SET next_due_at = 0 \
             WHERE cohort_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))")
        .bind(json(&calling))
        .run(connection)
        .await?;
    }
    Ok(())
}

/// Erases what identifies the people of these cases. A person goes with the last of their cases,
/// and never while they are staff; what is unsent about the case is not sent.
async fn erase(connection: &mut Connection, writes: &[&Write], at: i64) -> Result<()> {
    let erased = writes.iter().filter(|write| write.erase_person);
    let erased: Vec<i64> = erased.map(|write| write.subject_id).collect();
    if erased.is_empty() {
        return Ok(());
    }
    let erased = json(&erased);
    sql("DELETE FROM texts WHERE subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))")
        .bind(&erased)
        .run(&mut *connection)
        .await?;
    for text in [
        "UPDATE subjects SET erased_at = $2, title = NULL \
         WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))",
        include_str!("erase_mail.sql"),
        include_str!("erase_people.sql"),
    ] {
        sql(text)
            .bind(&erased)
            .bind(at)
            .run(&mut *connection)
            .await?;
    }
    Ok(())
}
