//! Moving a hold with all its cases to another version of its workflow, at once or not at all; and back, as long as
//! nothing has come of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Hindered, HinderedBy, Move};
use crate::engine::frame::Frame;
use crate::engine::input::Actor;
use crate::engine::renamed::Renamed;
use crate::engine::subject::Subject;
use crate::engine::{Hindrance, Step, Turn, migrate, unmigrate};
use crate::runner::advance::{Advance, TRIES_MAX};
use crate::runner::context::Context;
use crate::runner::versions::Version;
use crate::runner::{RunError, Runner};
use crate::store::{MigrationNew, MigrationRow, Moved, Write};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turned {
    /// All of it is done; so many cases went along.
    Done(usize),
    /// None of it is: these cannot go along, by row id.
    Hindered(BTreeMap<i64, Hindered>),
    /// None of it is: somebody was always in between.
    Overtaken,
}

/// What has been approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    /// The hash of the report that was read.
    pub plan: String,
    /// By whom.
    pub by: String,
    /// How many events each had when it was read, by row id: with others by now, nothing is done.
    pub seqs: BTreeMap<i64, i64>,
}

/// What a move back came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Migrated {
    /// It is undone; the hold is on this version again.
    Undone(i64),
    /// There is none that could be undone.
    None,
    /// Something has followed from it, in the case or hold of this row id.
    Followed(i64),
}

/// A move from which nothing has followed, with each as it is and as it was.
type Untouched = (MigrationRow, Vec<(Context, Moved)>);

impl Runner {
    /// Moves a hold. Without an approval only on a copy, where nobody asks who it was.
    pub(super) async fn to_version(
        &self,
        hold: i64,
        to: &Move,
        approved: Option<&Approved>,
    ) -> Result<Turned, RunError> {
        for _ in 0..TRIES_MAX {
            let now = self.now();
            // What is due by the old version happens by it.
            self.work(now).await?;
            let all = self.hold_with_cases(hold).await?;
            let Some((own, cases)) = all.split_last() else {
                return Err(RunError::NoSubject(hold.to_string()));
            };
            if approved.is_some_and(|approved| approved.seqs != seqs_of(&all)) {
                return Ok(Turned::Overtaken);
            }
            let version = self.version(to.to).await?;
            let mut moving = Moving {
                to,
                version: &version,
                hold: None,
                hindered: BTreeMap::new(),
                is_due: false,
                steps: Vec::new(),
            };
            moving.hold(own, now);
            for case in cases {
                moving.case(case, now);
            }
            if moving.is_due {
                continue;
            }
            if !moving.hindered.is_empty() {
                return Ok(Turned::Hindered(moving.hindered));
            }
            let moved = moving.steps.len() - 1;
            let new = self.migration_of(own, to, approved, &moving.steps)?;
            let writes = self.writes_of(moving.steps, approved).await?;
            let at = now.as_microsecond();
            match self.store().migrate(writes, new, at).await {
                Ok(true) => {
                    self.notify();
                    return Ok(Turned::Done(moved));
                }
                Ok(false) => {}
                Err(error) if error.is_hold_full() => {
                    return Ok(Turned::Hindered(BTreeMap::from([(
                        hold,
                        Hindered {
                            kind: HinderedBy::Blocked,
                            why:
                                "Holdet har ikke plads til alle dem, der får en plads ved skiftet."
                                    .into(),
                        },
                    )])));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Turned::Overtaken)
    }

    /// The approved move, if it still brings what was read: the hash is looked at, and all of it is done or none.
    pub async fn migrate_hold(
        &self,
        hold: i64,
        to: &Move,
        approved: &Approved,
    ) -> Result<Turned, RunError> {
        self.to_version(hold, to, Some(approved)).await
    }

    /// Takes the newest move of a hold back.
    pub async fn unmigrate_hold(&self, hold: i64, by: &str) -> Result<Migrated, RunError> {
        for _ in 0..TRIES_MAX {
            let now = self.now();
            let (newest, all) = match self.untouched(hold).await? {
                Ok(untouched) => untouched,
                Err(why) => return Ok(why),
            };
            let mut steps = Vec::new();
            for (context, moved) in all {
                steps.push(self.back(context, &moved, now).await?);
            }
            let approved = Approved {
                plan: String::new(),
                by: by.to_owned(),
                seqs: BTreeMap::new(),
            };
            let writes = self.writes_of(steps, Some(&approved)).await?;
            let at = now.as_microsecond();
            let undone = self.store().unmigrate(writes, newest.id, by.to_owned(), at);
            if undone.await? {
                self.notify();
                return Ok(Migrated::Undone(newest.from_version));
            }
        }
        Err(RunError::Contended(TRIES_MAX))
    }

    /// Whether the newest move of a hold could be taken back now.
    pub async fn can_unmigrate(&self, hold: i64) -> Result<bool, RunError> {
        Ok(self.untouched(hold).await?.is_ok())
    }

    /// The newest move of a hold with whom it moved, as long as nothing has followed from it; or why it stays.
    async fn untouched(&self, hold: i64) -> Result<Result<Untouched, Migrated>, RunError> {
        let all = self.store().migrations(hold).await?;
        let Some(newest) = all.into_iter().find(|one| one.undone_at.is_none()) else {
            return Ok(Err(Migrated::None));
        };
        let mut moved = self.store().migrated(newest.id).await?;
        let mut untouched = Vec::new();
        for context in self.hold_with_cases(hold).await? {
            let at = moved
                .iter()
                .position(|one| one.subject_id == context.row.id);
            match at.map(|at| moved.swap_remove(at)) {
                Some(moved) if moved.seq == context.row.seq => untouched.push((context, moved)),
                Some(_) => return Ok(Err(Migrated::Followed(context.row.id))),
                // Who came after the move came by the new version.
                None if context.row.version_id == newest.to_version => {
                    return Ok(Err(Migrated::Followed(context.row.id)));
                }
                None => {}
            }
        }
        if self.store().said_since(newest.id).await? {
            return Ok(Err(Migrated::Followed(hold)));
        }
        Ok(Ok((newest, untouched)))
    }

    /// The moves of a hold, the newest first.
    pub async fn moves_of(&self, hold: i64) -> Result<Vec<MigrationRow>, RunError> {
        Ok(self.store().migrations(hold).await?)
    }

    async fn back(
        &self,
        context: Context,
        moved: &Moved,
        now: jiff::Timestamp,
    ) -> Result<(Context, Step), RunError> {
        let before: Subject = serde_json::from_str(&moved.snapshot)?;
        let version = self.version(moved.version_id).await?;
        let back = Context {
            version,
            ..context.clone()
        };
        let step = unmigrate(&context.view(), &back.view(), &context.subject, before, now);
        Ok((back, step))
    }

    fn migration_of(
        &self,
        own: &Context,
        to: &Move,
        approved: Option<&Approved>,
        steps: &[(Context, Step)],
    ) -> Result<MigrationNew, RunError> {
        let moved = steps.iter().map(|(context, step)| {
            Ok(Moved {
                subject_id: context.row.id,
                version_id: context.row.version_id,
                seq: i64::try_from(step.subject.seq).unwrap_or(i64::MAX),
                snapshot: serde_json::to_string(&context.subject)?,
            })
        });
        Ok(MigrationNew {
            public_id: uuid::Uuid::now_v7().to_string(),
            cohort_id: own.row.id,
            from_version: own.row.version_id,
            to_version: to.to,
            plan: approved.map_or_else(String::new, |approved| approved.plan.clone()),
            by: approved.map_or_else(String::new, |approved| approved.by.clone()),
            at: self.now().as_microsecond(),
            moved: moved.collect::<Result<_, RunError>>()?,
        })
    }

    /// The hold's own write comes last: it calls its members.
    async fn writes_of(
        &self,
        steps: Vec<(Context, Step)>,
        approved: Option<&Approved>,
    ) -> Result<Vec<Write>, RunError> {
        let now = self.now();
        let actor = Actor {
            role: None,
            from: approved.map_or_else(|| "plan".to_owned(), |approved| approved.by.clone()),
        };
        let mut writes = Vec::with_capacity(steps.len());
        for (context, step) in steps {
            let events = step.events.into_iter();
            let advance = Advance {
                subject: step.subject,
                events: events
                    .map(|(at, event)| (at, event, actor.clone()))
                    .collect(),
                effects: step.effects,
                next_due: step.next_due,
                asks: step.asks,
                inbox_done: Vec::new(),
            };
            writes.push(self.write(&context, advance, None, now).await?);
        }
        writes.sort_by_key(|write| write.expect_cohort.is_none());
        Ok(writes)
    }
}

/// How many events each has.
pub(in crate::runner) fn seqs_of(all: &[Context]) -> BTreeMap<i64, i64> {
    let seqs = all.iter().map(|one| (one.row.id, one.row.seq));
    seqs.collect()
}

/// A move in the making.
struct Moving<'a> {
    to: &'a Move,
    version: &'a Arc<Version>,
    /// The hold as it will be: its row id, and what it is.
    hold: Option<(i64, Subject)>,
    hindered: BTreeMap<i64, Hindered>,
    is_due: bool,
    /// The hold's first.
    steps: Vec<(Context, Step)>,
}

impl Moving<'_> {
    fn hold(&mut self, own: &Context, now: jiff::Timestamp) {
        self.one(own, &own.version, now);
        if let Some((context, step)) = self.steps.first() {
            self.hold = Some((context.row.id, step.subject.clone()));
        }
    }

    fn case(&mut self, case: &Context, now: jiff::Timestamp) {
        if case.subject.is_taken_back() {
            return;
        }
        if case.subject.ended.is_some() && !self.has_state(case) {
            // It is over, where there is no such place any more: what is left of it goes by the version it ended on.
            return;
        }
        self.one(case, &case.version, now);
    }

    fn has_state(&self, case: &Context) -> bool {
        let renamed = Renamed::of(&case.version.workflow, &self.version.workflow);
        let state = case.subject.state.as_ref();
        let states = &self.version.workflow.state_ids;
        state.is_some_and(|state| states.contains_key(renamed.state(state)))
    }

    fn one(&mut self, from: &Context, before: &Version, now: jiff::Timestamp) {
        let turn = Turn {
            renamed: Renamed::of(&before.workflow, &self.version.workflow),
            states: self.to.states.clone(),
            dates: self.to.dates.clone(),
        };
        let mut onto = Context {
            version: self.version.clone(),
            ..from.clone()
        };
        let mut looked_at = onto.clone();
        if let Some((id, hold)) = &self.hold {
            looked_at = onto.with_hold(*id, hold);
        }
        let step = migrate(&from.view(), &looked_at.view(), &from.subject, &turn, now);
        match step {
            Ok(step) => {
                // What was read is fenced by its row, as it was.
                onto.cohort.clone_from(&from.cohort);
                self.steps.push((onto, step));
            }
            Err(Hindrance::Due) => self.is_due = true,
            Err(hindrance) => {
                let hindered = hindered(from, &hindrance);
                self.hindered.insert(from.row.id, hindered);
            }
        }
    }
}

fn hindered(from: &Context, hindrance: &Hindrance) -> Hindered {
    let view = from.view();
    let frame = Frame::new(&view, &from.subject);
    let state = frame.atomic().map(|id| frame.state(id).title.clone());
    let state = state.unwrap_or_default();
    let why = match hindrance {
        Hindrance::StateGone { state: key } => format!(
            "Fasen »{state}« ({key}) findes ikke i den nye version. Skriv »was: {key}« ved den fase, der har afløst den, eller sig, hvor sagerne skal hen."
        ),
        Hindrance::NoState { state } => {
            format!("»{state}« er ikke en fase, en sag kan fortsætte i.")
        }
        Hindrance::NameTaken { name } => format!(
            "»{name}« har allerede været navnet på noget andet i denne sag. Vælg et andet navn."
        ),
        Hindrance::Booked { meeting } => format!(
            "Mødet »{meeting}« er booket og kan ikke få et andet navn, før det er holdt eller aflyst."
        ),
        Hindrance::OtherKind { fact } => format!(
            "Oplysningen »{fact}« er noteret, og det noterede passer ikke til den nye slags."
        ),
        Hindrance::NoDate { date } => {
            format!("Holdet har ikke datoen »{date}«, som den nye version kræver. Angiv den.")
        }
        Hindrance::CannotEnd { state: key, .. } => format!(
            "I fasen »{key}« ville sagen aldrig nå til ende: intet, der fører videre derfra, kan længere ske."
        ),
        Hindrance::HoldFull { places } => {
            format!("Alle holdets {places} pladser er taget.")
        }
        Hindrance::Due => "Noget står lige for. Prøv igen.".to_owned(),
        Hindrance::Refused(refusal) => refusal.to_string(),
    };
    let kind = match hindrance {
        Hindrance::CannotEnd { .. } => HinderedBy::CannotEnd,
        _ => HinderedBy::Blocked,
    };
    Hindered { kind, why }
}
