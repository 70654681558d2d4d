//! Places on holds: rows `(hold, place)`, granted in the order of the batch that asks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::given::NewSubject;
use super::sql::{Connection, sql};
use super::{Result, Store, json};
use crate::mutant::{self, Mutant};

impl Store {
    /// The row id of the newest news for a hold, taken in or not; 0 when there never was any. Whoever gives
    /// a place back leaves news for the hold in the same transaction, so that as long as this stays as it
    /// is, nobody has.
    pub async fn newest_news(&self, cohort: i64) -> Result<i64> {
        sql(include_str!("newest_news.sql"))
            .bind(cohort)
            .value(&mut *self.reader().await?)
            .await
    }

    /// The first case behind a row id (begin with 0), of a hold or of all holds of a workflow, that is due
    /// at `now` (µs UTC) and may be looked at.
    pub async fn due_member(
        &self,
        cohort: Option<i64>,
        workflow: &str,
        after: i64,
        now: i64,
    ) -> Result<Option<i64>> {
        let asked = match cohort {
            Some(cohort) => sql(include_str!("due_member.sql")).bind(cohort),
            None => sql(include_str!("due_of_workflow.sql")).bind(workflow),
        };
        let due: Vec<i64> = asked
            .bind(after)
            .bind(now)
            .values(&mut *self.reader().await?)
            .await?;
        Ok(due.first().copied())
    }

    /// Whether one of a hold's places (its row id, and how many it has) is free, or is held by another
    /// case that is due at `at` or earlier and may be looked at `now` (µs UTC): it may give it back.
    pub async fn place_may_come(
        &self,
        (cohort, places): (i64, i64),
        case: i64,
        at: i64,
        now: i64,
    ) -> Result<bool> {
        let may_come: i64 = sql(include_str!("place_may_come.sql"))
            .bind(cohort)
            .bind(places)
            .bind(case)
            .bind(at)
            .bind(now)
            .value(&mut *self.reader().await?)
            .await?;
        Ok(may_come > 0)
    }

    /// Cases of a hold that are in one of these atomic states and have no faults, nor has their hold: row
    /// ids, snapshots and days of birth, in the order in which they came to the hold.
    pub async fn placeless(
        &self,
        cohort: i64,
        states: &[String],
    ) -> Result<Vec<(i64, String, Option<String>)>> {
        sql(include_str!("placeless.sql"))
            .bind(cohort)
            .bind(json(states))
            .all(&mut *self.reader().await?)
            .await
    }
}

/// The newest news of these holds, of those that have any.
pub(super) async fn newest_news(
    connection: &mut Connection,
    holds: &BTreeSet<i64>,
) -> Result<HashMap<i64, i64>> {
    if holds.is_empty() {
        return Ok(HashMap::new());
    }
    let newest: Vec<(i64, i64)> = sql("SELECT target, max(id) FROM inbox \
         WHERE target IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) GROUP BY target")
    .bind(json(holds))
    .all(connection)
    .await?;
    Ok(newest.into_iter().collect())
}

/// Whether a new case is placed by what the newest news of its hold left.
pub(super) fn has_seen(subject: &NewSubject, newest: &HashMap<i64, i64>) -> bool {
    let newest = subject.cohort_id.and_then(|hold| newest.get(&hold));
    (subject.news_seen).is_none_or(|seen| seen == newest.copied().unwrap_or_default())
}

/// A case that wants one of a hold's places.
pub(super) struct Want {
    pub(super) cohort: i64,
    pub(super) capacity: i64,
    pub(super) case: i64,
}

/// The places of the holds that a batch touches, as they will be when it is stored.
pub(super) struct Places {
    /// Per hold: which case has which place.
    taken: BTreeMap<i64, BTreeMap<i64, i64>>,
    given: Vec<i64>,
    granted: Vec<(i64, i64, i64)>,
}

impl Places {
    /// Reads the places of these holds.
    pub(super) async fn of(connection: &mut Connection, cohorts: &BTreeSet<i64>) -> Result<Self> {
        let mut taken: BTreeMap<i64, BTreeMap<i64, i64>> = BTreeMap::new();
        if !cohorts.is_empty() {
            let rows: Vec<(i64, i64, i64)> = sql("SELECT cohort_id, place, case_id FROM places \
                 WHERE cohort_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))")
            .bind(json(cohorts))
            .all(connection)
            .await?;
            for (cohort, place, case) in rows {
                taken.entry(cohort).or_default().insert(place, case);
            }
        }
        Ok(Self {
            taken,
            given: Vec::new(),
            granted: Vec::new(),
        })
    }

    /// Grants every case the smallest free place of its hold; all of them, or none.
    pub(super) fn grant(&mut self, wants: &[Want]) -> bool {
        let before = self.granted.len();
        for want in wants {
            let capacity = if mutant::is(Mutant::CaseGrantsItself) {
                i64::MAX
            } else {
                want.capacity
            };
            let Some(place) = self.smallest_free(want.cohort, capacity) else {
                self.take_back(before);
                return false;
            };
            let taken = self.taken.entry(want.cohort).or_default();
            taken.insert(place, want.case);
            self.granted.push((want.cohort, place, want.case));
        }
        true
    }

    fn take_back(&mut self, keep: usize) {
        for (cohort, place, _) in self.granted.drain(keep..) {
            if let Some(taken) = self.taken.get_mut(&cohort) {
                taken.remove(&place);
            }
        }
    }

    fn smallest_free(&self, cohort: i64, capacity: i64) -> Option<i64> {
        let taken = self.taken.get(&cohort);
        (1..=capacity).find(|place| taken.is_none_or(|taken| !taken.contains_key(place)))
    }

    /// A case gives back what it has, if anything.
    pub(super) fn give(&mut self, case: i64) {
        for taken in self.taken.values_mut() {
            taken.retain(|_, holder| *holder != case);
        }
        self.given.push(case);
    }

    /// Stores what was given back, then what was granted: a place may go from hand to hand.
    pub(super) async fn store(self, connection: &mut Connection) -> Result<()> {
        if !self.given.is_empty() {
            sql("DELETE FROM places WHERE case_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))")
                .bind(json(&self.given))
                .run(&mut *connection)
                .await?;
        }
        if !self.granted.is_empty() {
            sql(
                "INSERT INTO places (cohort_id, place, case_id) \
                 SELECT CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT), CAST(value ->> 2 AS BIGINT) \
                 FROM json_each($1)",
            )
            .bind(json(&self.granted))
            .run(connection)
            .await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(taken: &[i64]) -> Places {
        let taken = taken.iter().map(|place| (*place, 100 + place)).collect();
        Places {
            taken: BTreeMap::from([(1, taken)]),
            given: Vec::new(),
            granted: Vec::new(),
        }
    }

    fn want(case: i64, capacity: i64) -> Want {
        Want {
            cohort: 1,
            capacity,
            case,
        }
    }

    #[test]
    fn the_smallest_free_place_is_granted() {
        for (taken, capacity, expected) in [
            (&[][..], 0, None),
            (&[], 1, Some(1)),
            (&[1], 1, None),
            (&[1, 2], 3, Some(3)),
            (&[1, 3], 3, Some(2)),
            (&[2], 3, Some(1)),
            (&[1, 2, 3], 2, None),
        ] {
            let found = places(taken).smallest_free(1, capacity);
            assert_eq!(found, expected, "{taken:?} of {capacity}");
        }
    }

    #[test]
    fn all_are_granted_or_none() {
        let mut places = places(&[1]);
        assert!(!places.grant(&[want(7, 3), want(8, 3), want(9, 3)]));
        assert!(places.grant(&[want(7, 3), want(8, 3)]));
        places.give(101);
        assert!(places.grant(&[want(9, 3)]));
        assert_eq!(places.granted, [(1, 2, 7), (1, 3, 8), (1, 1, 9)]);
    }
}
