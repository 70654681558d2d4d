//! People as a plan expects them, for simulations and the demo.
//!
//! Tasks are done on their due day with sample facts, meetings are booked on the first workday of
//! their window and held, and where time alone leads no further the first event listed in a state
//! is raised. Every such act is listed as what it is: an assumption. What is told replaces it.

mod comes;
mod expect;
mod expected;
mod sample;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use self::comes::as_it_comes;
pub use self::sample::sample_of;
use self::told::with_people;
pub use self::told::{NewHold, Told, ToldWhat, Unmet, Whom};
use super::cast::{Said, Saying};
use super::context::Context;
use super::{Candidate, operator};
use super::{People, RunError, Runner};
use crate::definition::model::Name;
use crate::engine::input::Input;
use crate::engine::subject::Kind;
use crate::store::Stamp;

/// An act that is refused is tried on so many workdays.
const TRIES_MAX: u32 = 40;
/// Where an assumed act says it comes from; what was told beforehand says [`TOLD`].
pub const ASSUMED: &str = "antagelse";
/// Where an act says it comes from that a scenario or a file of assumptions told.
pub const TOLD: &str = "sagt på forhånd";

/// Something a person is expected to do.
#[derive(Clone, Debug)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// Whose case or hold, row id.
    pub subject: i64,
    /// What it is, so that it is not done twice.
    pub key: String,
    /// The input.
    pub input: Input,
    /// In words.
    pub words: String,
}

/// People's acts so far, and who they are.
#[derive(Clone, Debug, Default)]
pub struct Assumed {
    /// Who fills a role when a task asks for it, by workflow.
    pub stand_ins: BTreeMap<Name, People>,
    /// Acts that a person's own list replaces: nothing is assumed where something is said.
    pub told: Vec<Told>,
    /// What was assumed, in order.
    pub taken: Vec<Assumption>,
    /// Up to when everything has been done; time does not go back behind it.
    pub frontier: Timestamp,
    /// Candidates still to come, in order of time.
    pub arrivals: Vec<Arrival>,
    /// Row ids of the holds and workflows that play; a hold's cases play with it.
    pub ids: Vec<i64>,
    /// Names by row id, which an erasure does not take from a simulation.
    pub names: BTreeMap<i64, String>,
    /// What a scenario expected and did not find.
    pub unmet: Vec<Unmet>,
    /// Nothing is assumed; only what is told happens.
    pub only_told: bool,
    /// The first hold.
    pub hold: i64,
    /// The hold after it, once it is there.
    pub next_hold: Option<i64>,
    /// What it is to be, until then.
    pub to_open: Option<NewHold>,
    /// The cases of the cast, in its order.
    pub players: Vec<i64>,
    /// Those who only take the hold's places.
    pub others: Vec<i64>,
    /// Where a case went on, on another hold.
    follows: BTreeMap<i64, i64>,
    tried: BTreeMap<(i64, String), (u32, Timestamp)>,
    done: BTreeSet<usize>,
    seen: BTreeMap<i64, Seen>,
}

/// A subject as it was last looked at; while its stamp stands, so do its acts.
#[derive(Clone, Debug)]
struct Seen {
    stamp: Stamp,
    kind: Kind,
    cohort_id: Option<i64>,
    person_id: Option<i64>,
    state: Option<Name>,
    ended: Option<Timestamp>,
    acts: Vec<Act>,
}

/// Candidates who come to a hold.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// When.
    pub at: Timestamp,
    /// The hold's row id.
    pub cohort_id: i64,
    /// Who.
    pub candidates: Vec<Candidate>,
    /// Their names.
    pub names: Vec<String>,
    /// The last so many of them only take the hold's places.
    pub others: usize,
    /// What is said about them and their hold.
    pub said: Vec<Said>,
}

/// The next thing that people do.
#[derive(Clone, Debug)]
pub enum Next {
    /// Candidates come.
    Arrive(Timestamp),
    /// An act.
    Act(Act),
}

impl Next {
    /// When.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Arrive(at) => *at,
            Self::Act(act) => act.at,
        }
    }
}

/// An act that was assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// When.
    pub at: Timestamp,
    /// Whose, row id.
    pub subject: i64,
    /// In words.
    pub words: String,
    /// Why it was refused, when it was.
    pub refused: Option<String>,
}

impl Runner {
    /// The next thing people do, of all open cases and holds.
    pub(super) async fn next_act(&self, assumed: &mut Assumed) -> Result<Option<Next>, RunError> {
        self.look(assumed).await?;
        let act = match (assumed.next_expected(), assumed.next_told()) {
            (Some(expected), Some(told)) => Some(if Assumed::is_earlier(&told, &expected) {
                told
            } else {
                expected
            }),
            (one, other) => one.or(other),
        };
        let arrival = assumed.arrivals.iter().map(|arrival| arrival.at).min();
        Ok(match (act, arrival) {
            (Some(act), Some(arrival)) if arrival <= act.at => Some(Next::Arrive(arrival)),
            (Some(act), _) => Some(Next::Act(act)),
            (None, arrival) => arrival.map(Next::Arrive),
        })
    }

    /// Looks again at what has changed, and at nothing else: a plan is made once per change.
    pub(super) async fn look(&self, assumed: &mut Assumed) -> Result<(), RunError> {
        let stamps = self.store().stamps(&assumed.ids).await?;
        let stale = |stamp: &&Stamp| {
            assumed
                .seen
                .get(&stamp.id)
                .is_none_or(|seen| seen.stamp != **stamp)
        };
        let changed: BTreeMap<i64, Stamp> = stamps
            .iter()
            .filter(stale)
            .map(|stamp| (stamp.id, *stamp))
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = changed.keys().copied().collect();
        for context in self.contexts(&ids).await? {
            let id = context.row.id;
            self.learn_name(&context, assumed).await?;
            let ended = context.subject.ended.as_ref().map(|ended| ended.at);
            let idle = assumed.only_told || ended.is_some();
            let seen = Seen {
                stamp: changed[&id],
                kind: context.subject.kind,
                cohort_id: context.row.cohort_id,
                person_id: context.row.person_id,
                state: context.subject.state.clone(),
                ended,
                acts: if idle {
                    Vec::new()
                } else {
                    expected::acts_of(&context, assumed)
                },
            };
            assumed.follow(id, &seen);
            assumed.seen.insert(id, seen);
        }
        Ok(())
    }

    async fn learn_name(&self, context: &Context, assumed: &mut Assumed) -> Result<(), RunError> {
        if assumed.names.contains_key(&context.row.id) {
            return Ok(());
        }
        let person = match context.row.person_id {
            Some(person) => self
                .store()
                .people(&[person])
                .await?
                .remove(&person)
                .map(|person| person.name),
            None => context.row.title.clone(),
        };
        assumed.names.insert(
            context.row.id,
            person.unwrap_or_else(|| context.version.workflow.title.clone()),
        );
        Ok(())
    }

    /// Candidates come to their hold.
    pub(super) async fn arrive(&self, assumed: &mut Assumed) -> Result<(), RunError> {
        let Some(first) =
            (0..assumed.arrivals.len()).min_by_key(|index| assumed.arrivals[*index].at)
        else {
            return Ok(());
        };
        let arrival = assumed.arrivals.remove(first);
        let opened = self
            .open_cases_at(arrival.cohort_id, &arrival.candidates, arrival.at)
            .await?;
        for (case, name) in opened.iter().zip(&arrival.names) {
            assumed.names.insert(case.id, name.clone());
        }
        let players: Vec<i64> = opened.iter().map(|case| case.id).collect();
        assumed.others = players[players.len() - arrival.others..].to_vec();
        for said in arrival.said {
            let whom = match said.whom {
                Saying::Player(player) => players.get(player).map(|id| Whom::Subject(*id)),
                Saying::Hold => Some(Whom::Subject(arrival.cohort_id)),
                Saying::Other => Some(Whom::Other),
                Saying::NextHold => Some(Whom::NextHold),
            };
            assumed.told.extend(whom.map(|whom| Told {
                whom,
                at: said.at,
                what: said.what,
                step: said.step,
            }));
        }
        assumed.players = players;
        // What was just said may concern anyone who is here already.
        assumed.seen.clear();
        Ok(())
    }

    /// Does what is expected; a refusal is noted, and it is tried again on the next workday.
    pub(super) async fn act(&self, act: &Act, assumed: &mut Assumed) -> Result<(), RunError> {
        let context = self.context(act.subject).await?;
        let told = assumed
            .told_of(act)
            .map(|(index, told)| (index, &told.what));
        let (mut input, words) = as_it_comes(act, &context, assumed);
        let mut actor = operator(if told.is_some() { TOLD } else { ASSUMED });
        if let Some((_, ToldWhat::Raise { by, .. })) = told {
            actor.role.clone_from(by);
        }
        // To look is not to do: what is due comes of itself, or it is seen that it does not.
        let looks =
            told.is_some_and(|(_, what)| matches!(what, ToldWhat::Expect(_) | ToldWhat::OpenNext));
        let told = told.map(|(index, _)| index);
        if let (true, Some(index)) = (looks, told) {
            return self.told(act, index, None, assumed).await;
        }
        if told.is_some() {
            input = with_people(input, &context, assumed);
        }
        let refused = match self
            .input_at(act.subject, &input, &actor, None, act.at)
            .await
        {
            Ok(_) => None,
            Err(RunError::Refused(refusal)) => Some(refusal),
            Err(error) => return Err(error),
        };
        if let Some(index) = told {
            return self.told(act, index, refused, assumed).await;
        }
        let refused = refused.map(|refusal| refusal.to_string());
        let calendar = &context.version.workflow.calendar;
        let local = calendar.local(act.at);
        let again = calendar.instant(
            calendar
                .workday_after(local.date(), 1)
                .to_datetime(local.time()),
        );
        let tries = assumed
            .tried
            .entry((act.subject, act.key.clone()))
            .or_insert((0, again));
        *tries = (tries.0 + 1, again);
        if refused.is_none() || tries.0 == 1 {
            assumed.taken.push(Assumption {
                at: act.at,
                subject: act.subject,
                words,
                refused,
            });
        }
        Ok(())
    }
}

/// The order of acts: by time, and at one instant the same in every run.
fn order(act: &Act) -> (Timestamp, i64, &str) {
    (act.at, act.subject, &act.key)
}

impl Assumed {
    /// The names of those who have played so far, by row id.
    #[must_use]
    pub fn named(&self) -> BTreeMap<i64, String> {
        self.names.clone()
    }

    /// Takes another hold's people in, so that both play in one store.
    pub fn join(&mut self, other: Self) {
        self.stand_ins.extend(other.stand_ins);
        self.told.extend(other.told);
        self.arrivals.extend(other.arrivals);
        self.names.extend(other.names);
        for id in other.ids {
            if !self.ids.contains(&id) {
                self.ids.push(id);
            }
        }
        self.only_told |= other.only_told;
        self.seen.clear();
    }

    /// When the last case ended; `None` while one is open or still to come.
    #[must_use]
    pub fn all_ended(&self) -> Option<Timestamp> {
        let mut cases = self.seen.values().filter(|seen| seen.kind == Kind::Case);
        let last = cases.try_fold(None, |last: Option<Timestamp>, case| {
            Some(last.max(Some(case.ended?)))
        })?;
        last.filter(|_| self.arrivals.is_empty())
    }

    /// Row ids of everyone who has played, by row id.
    #[must_use]
    pub fn players(&self) -> Vec<i64> {
        self.seen.keys().copied().collect()
    }

    fn next_expected(&self) -> Option<Act> {
        let mut first: Option<(Timestamp, &Act)> = None;
        for act in self.seen.values().flat_map(|seen| &seen.acts) {
            let at = match self.tried.get(&(act.subject, act.key.clone())) {
                Some((tries, _)) if *tries >= TRIES_MAX => continue,
                Some((_, again)) => act.at.max(*again),
                None => act.at,
            };
            if first.is_none_or(|(best_at, best)| {
                (at, act.subject, &act.key) < (best_at, best.subject, &best.key)
            }) {
                first = Some((at, act));
            }
        }
        first.map(|(at, act)| Act { at, ..act.clone() })
    }

    /// A case that opens for a person who was here already goes on with the earlier one.
    fn follow(&mut self, id: i64, new: &Seen) {
        if new.kind != Kind::Case || new.person_id.is_none() || self.seen.contains_key(&id) {
            return;
        }
        let earlier =
            self.seen.iter().rev().find(|(_, case)| {
                case.person_id == new.person_id && case.cohort_id != new.cohort_id
            });
        if let Some((earlier, _)) = earlier {
            self.follows.insert(*earlier, id);
        }
    }

    fn stand_in(&self, workflow: &Name, role: &Name) -> Vec<i64> {
        self.stand_ins
            .get(workflow)
            .and_then(|people| people.get(role))
            .cloned()
            .unwrap_or_default()
    }

    fn is_told(&self, subject: i64, test: impl Fn(&ToldWhat) -> bool) -> bool {
        self.told
            .iter()
            .any(|told| told.whom == Whom::Subject(subject) && test(&told.what))
    }

    fn is_absent(&self, subject: i64, meeting: &Name) -> bool {
        self.is_told(
            subject,
            |told| matches!(told, ToldWhat::Absent(name) if name == meeting),
        )
    }

    fn late(&self, subject: i64, name: &Name) -> u32 {
        let late = self.told.iter().find_map(|told| match &told.what {
            ToldWhat::Late(known, workdays)
                if told.whom == Whom::Subject(subject) && known == name =>
            {
                Some(*workdays)
            }
            _ => None,
        });
        late.unwrap_or(0)
    }
}
