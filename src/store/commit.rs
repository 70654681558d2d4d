//! Steps are stored: what is still valid, what has a place, and then one statement per table.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::create::{
    all_there, insert, new_ids, place_wanted, store_outcomes, wake_waiting, wanted_holds,
};
use super::given::{CANCELLED, Committed, NewSubject, Outcome, Place, Write};
use super::places::{Places, Want, has_seen, newest_news};
use super::set::Set;
use super::sql::{Connection, sql};
use super::{Result, Store, beside, erase, guarded, json, kept};

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
        // Other processes hear of a person's act, and of what they can help with: at most one word.
        let is_news = writes.len() == 1 || writes.iter().any(is_news);
        let writes = Arc::new(writes);
        self.write_and_tell(
            move |connection| {
                Box::pin(async move {
                    let (mut verdicts, kept) = judge(connection, &writes).await?;
                    for at in kept.store(connection, recorded_at).await? {
                        verdicts[at] = Committed::Stale;
                    }
                    Ok(verdicts)
                })
            },
            is_news,
        )
        .await
    }
}

/// Whether a step leaves something that others may do: mail, or other subjects that are due.
fn is_news(write: &Write) -> bool {
    let outcome = &write.outcome;
    write.broadcast
        || !write.opens.is_empty()
        || !outcome.outbox.is_empty()
        || !outcome.inbox_out.is_empty()
}

/// What will be stored, each with its position among the writes.
pub(super) struct Kept<'a> {
    writes: Vec<(usize, &'a Write)>,
    opened: Vec<(i64, &'a NewSubject)>,
    places: Places,
    hooks: i64,
}

/// What the writes go by, as it is now.
struct Ground {
    plan_rev: i64,
    /// How many there are to be told.
    hooks: i64,
    /// Of the holds that were read.
    broadcasts: HashMap<i64, i64>,
    /// Of the subjects whose write demands more than their own row.
    seqs: HashMap<i64, i64>,
    /// News that is taken in and was not before. It may bring mail and no event, so that a subject's
    /// number alone would not tell.
    news: HashSet<i64>,
    /// Of the holds whose places were looked at.
    newest: HashMap<i64, i64>,
    /// Of the cases that are to be taken back, those that something has left for, or may have, and those that people
    /// have put something beside.
    stay: HashSet<i64>,
    /// Of the cases that are to be erased, those that are kept for legal reasons.
    kept: HashSet<i64>,
}

impl Ground {
    async fn of(connection: &mut Connection, writes: &[Write]) -> Result<Self> {
        let (plan_rev, hooks) = guarded::cluster(connection).await?;
        guarded::steps(connection, writes).await?;
        let holds = writes.iter().filter_map(|write| write.expect_cohort);
        let holds: BTreeSet<i64> = holds.map(|(cohort, _)| cohort).collect();
        let demanding = writes.iter().filter(|write| is_demanding(write));
        let demanding: BTreeSet<i64> = demanding.map(|write| write.subject_id).collect();
        let news: BTreeSet<i64> = (writes.iter())
            .flat_map(|write| &write.inbox_done)
            .copied()
            .collect();
        let news = by_id(connection, OPEN_NEWS, &news).await?;
        let looked_at = writes.iter().filter_map(|write| write.news_seen);
        let looked_at = looked_at.map(|(hold, _)| hold);
        let taken_back = taken_back(writes.iter());
        let erased = writes.iter().filter(|write| write.erase_person);
        let erased: Vec<i64> = erased.map(|write| write.subject_id).collect();
        let elsewhere = wanted_holds(writes.iter().flat_map(|write| &write.opens));
        let looked_at = looked_at.chain(elsewhere).collect();
        Ok(Self {
            plan_rev,
            hooks,
            broadcasts: by_id(connection, BROADCASTS, &holds).await?,
            seqs: by_id(connection, SEQS, &demanding).await?,
            news: news.into_keys().collect(),
            newest: newest_news(connection, &looked_at).await?,
            stay: stay(connection, &taken_back).await?,
            kept: kept::of_cases(connection, &erased).await?,
        })
    }

    /// Whether it is still so. Of a write that demands nothing else, the subject's own number is
    /// looked at when its row is written.
    fn holds_for(&self, write: &Write) -> bool {
        let own =
            !is_demanding(write) || self.seqs.get(&write.subject_id) == Some(&write.expect_seq);
        let hold = (write.expect_cohort)
            .is_none_or(|(cohort, broadcast)| self.broadcasts.get(&cohort) == Some(&broadcast));
        let news = write.inbox_done.iter().all(|id| self.news.contains(id));
        let places = (write.news_seen)
            .is_none_or(|(hold, seen)| self.newest.get(&hold).copied().unwrap_or_default() == seen)
            && write.opens.iter().all(|open| has_seen(open, &self.newest));
        let may_go = (!write.take_back || !self.stay.contains(&write.subject_id))
            && (!write.erase_person || !self.kept.contains(&write.subject_id));
        own && hold && news && places && may_go && write.plan_rev == self.plan_rev
    }
}

const BROADCASTS: &str = "SELECT id, broadcast FROM subjects \
                          WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))";
const SEQS: &str = "SELECT id, seq FROM subjects \
                    WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))";
const OPEN_NEWS: &str = "SELECT id, target FROM inbox \
                         WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) \
                           AND done_seq IS NULL";

fn taken_back<'w>(writes: impl Iterator<Item = &'w Write>) -> Vec<i64> {
    let writes = writes.filter(|write| write.take_back);
    writes.map(|write| write.subject_id).collect()
}

async fn stay(connection: &mut Connection, cases: &[i64]) -> Result<HashSet<i64>> {
    if cases.is_empty() {
        return Ok(HashSet::new());
    }
    let told: Vec<i64> = sql(include_str!("attempted_of.sql"))
        .bind(cases)
        .values(&mut *connection)
        .await?;
    let noted = beside::of_cases(connection, cases).await?;
    Ok(told.into_iter().chain(noted).collect())
}

async fn by_id(
    connection: &mut Connection,
    text: &'static str,
    ids: &BTreeSet<i64>,
) -> Result<HashMap<i64, i64>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, i64)> = sql(text).bind(ids).all(connection).await?;
    Ok(rows.into_iter().collect())
}

/// Whether a write does more than write its row and add to what there is: then it must be known
/// beforehand whether it may.
pub(super) fn is_demanding(write: &Write) -> bool {
    write.place != Place::None
        || write.broadcast
        || write.erase_person
        || write.take_back
        || !write.opens.is_empty()
        || !write.inbox_done.is_empty()
}

/// As in sequence: a step sees what the steps before it have done to its hold and its places.
pub(super) async fn judge<'a>(
    connection: &mut Connection,
    writes: &'a [Write],
) -> Result<(Vec<Committed>, Kept<'a>)> {
    let ground = Ground::of(connection, writes).await?;
    let opens = writes.iter().map(|write| write.opens.len()).sum();
    let mut ids = new_ids(connection, opens).await?.into_iter();
    let mut kept = Kept {
        writes: Vec::with_capacity(writes.len()),
        opened: Vec::new(),
        places: Places::of(connection, &holds_touched(writes)).await?,
        hooks: ground.hooks,
    };
    let (mut written, mut called) = (BTreeSet::new(), BTreeSet::new());
    let mut verdicts = Vec::with_capacity(writes.len());
    for (at, write) in writes.iter().enumerate() {
        let overtaken = written.contains(&write.subject_id)
            || (write.expect_cohort).is_some_and(|(cohort, _)| called.contains(&cohort));
        if overtaken || !ground.holds_for(write) {
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
        kept.writes.push((at, write));
        verdicts.push(Committed::Done);
    }
    Ok((verdicts, kept))
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
    /// batch may have written; erasure comes last and leaves no word of the step behind. Answers the
    /// positions of the writes whose subject had moved on, of which nothing is stored.
    pub(super) async fn store(
        self,
        connection: &mut Connection,
        recorded_at: i64,
    ) -> Result<Vec<usize>> {
        let Self {
            mut writes,
            opened,
            places,
            hooks,
        } = self;
        take_in_news(connection, &writes).await?;
        let stored = update_subjects(connection, &writes).await?;
        let mut stale = Vec::new();
        for (at, write) in &writes {
            if !stored.contains(&write.subject_id) {
                if is_demanding(write) {
                    return all_there("subjects", 1, 0).map(|()| stale);
                }
                stale.push(*at);
            }
        }
        writes.retain(|(_, write)| stored.contains(&write.subject_id));
        let writes: Vec<&Write> = writes.into_iter().map(|(_, write)| write).collect();
        insert(connection, &opened).await?;
        places.store(connection).await?;
        let own = writes
            .iter()
            .map(|write| (write.subject_id, &write.outcome));
        let theirs = opened.iter().map(|(id, subject)| (*id, &subject.outcome));
        let outcomes: Vec<(i64, &Outcome)> = own.chain(theirs).collect();
        store_outcomes(connection, &outcomes, recorded_at).await?;
        if hooks > 0 {
            super::hooks::tell(connection, &outcomes, recorded_at).await?;
        }
        call_members(connection, &writes).await?;
        let other = writes.iter().filter(|write| is_another_hold(write));
        let holds: Vec<i64> = other.map(|write| write.subject_id).collect();
        wake_waiting(connection, &holds).await?;
        let taken_back = taken_back(writes.iter().copied());
        if !taken_back.is_empty() {
            sql(include_str!("taken_back.sql"))
                .bind(&taken_back)
                .bind(recorded_at)
                .run(&mut *connection)
                .await?;
            beside::erase(connection, &json(&taken_back)).await?;
            super::progress::forget(connection, &taken_back).await?;
        }
        erase::steps(connection, &writes, recorded_at).await?;
        Ok(stale)
    }
}

/// Whether a hold begins on another day now, or is cancelled.
pub(super) fn is_another_hold(write: &Write) -> bool {
    let is_hold = write.expect_cohort.is_none();
    is_hold && (write.starts_on.is_some() || write.state.as_deref() == Some(CANCELLED))
}

async fn take_in_news(connection: &mut Connection, writes: &[(usize, &Write)]) -> Result<()> {
    let done: Vec<(i64, i64, i64)> = (writes.iter())
        .flat_map(|(_, write)| {
            (write.inbox_done.iter()).map(|id| (*id, write.subject_id, write.seq))
        })
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

/// Writes the rows that are still as they were read, and answers which these are.
async fn update_subjects(
    connection: &mut Connection,
    writes: &[(usize, &Write)],
) -> Result<HashSet<i64>> {
    let written: Vec<i64> = Set::of(writes)
        .whole("subject_id", |(_, write)| write.subject_id)
        .whole("expect_seq", |(_, write)| write.expect_seq)
        .whole("seq", |(_, write)| write.seq)
        .text("state", |(_, write)| write.state.as_deref())
        .text("starts_on", |(_, write)| write.starts_on.as_deref())
        .whole("next_due_at", |(_, write)| write.next_due_at)
        .whole("last_at", |(_, write)| write.last_at)
        .whole("plan_rev", |(_, write)| write.plan_rev)
        .whole("broadcast", |(_, write)| i64::from(write.broadcast))
        .text("snapshot", |(_, write)| write.snapshot.as_str())
        .whole("waits", |(_, write)| i64::from(write.waits))
        .whole("task_due_at", |(_, write)| write.outcome.task_due_at)
        .whole("meeting_end_at", |(_, write)| write.outcome.meeting_end_at)
        .values(connection, include_str!("update_subjects.sql"))
        .await?;
    not_slept_over(connection, &written).await?;
    not_in_vain(connection, writes).await?;
    Ok(written.into_iter().collect())
}

/// News that came in since a subject was read may not wait for its next due time. A statement of its
/// own, after the rows are ours: on PostgreSQL one that had to wait for a row still sees the other
/// tables as they were before.
async fn not_slept_over(connection: &mut Connection, written: &[i64]) -> Result<()> {
    Set::of(written)
        .whole("id", |id| *id)
        .run(
            connection,
            "UPDATE subjects SET next_due_at = 0 \
             WHERE id IN (SELECT inbox.target FROM rows CROSS JOIN inbox \
                          WHERE inbox.target = rows.id AND inbox.done_seq IS NULL)",
        )
        .await?;
    Ok(())
}

/// A later hold may have come since a case that waits for one was read: then it looks again.
async fn not_in_vain(connection: &mut Connection, writes: &[(usize, &Write)]) -> Result<()> {
    let waiting = writes.iter().filter(|(_, write)| write.waits);
    let waiting: Vec<i64> = waiting.map(|(_, write)| write.subject_id).collect();
    if !waiting.is_empty() {
        sql("UPDATE subjects SET next_due_at = 0 \
             WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND waits = 1 \
               AND EXISTS (SELECT 1 FROM subjects AS h CROSS JOIN subjects AS n \
                           WHERE h.id = subjects.cohort_id AND n.kind = 'cohort' \
                             AND n.workflow = h.workflow AND n.starts_on > h.starts_on \
                             AND n.state IS NULL)")
        .bind(&waiting)
        .run(connection)
        .await?;
    }
    Ok(())
}

async fn call_members(connection: &mut Connection, writes: &[&Write]) -> Result<()> {
    let calling = writes.iter().filter(|write| write.broadcast);
    let calling: Vec<i64> = calling.map(|write| write.subject_id).collect();
    if !calling.is_empty() {
        sql("UPDATE subjects SET next_due_at = 0 \
             WHERE id IN (SELECT k.id FROM json_each($1) AS j CROSS JOIN subject_keys AS k \
                          WHERE k.cohort_id = CAST(j.atom AS BIGINT))")
        .bind(&calling)
        .run(connection)
        .await?;
    }
    Ok(())
}
