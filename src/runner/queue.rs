//! Who comes when a place is given back: whoever waits for one, in the order in which they came to the hold,
//! and then whoever wants one at that moment.
//!
//! Whoever gives a place back leaves news for the hold in the same transaction. What is decided here is
//! stored only while the hold's newest news is the one by which it was decided: of several processes that
//! look at a hold at once, one looks again.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::Timestamp;
use jiff::civil::Date;

use super::advance::{Advance, advance};
use super::context::Context;
use super::{RunError, Runner};
use crate::definition::model::{StateId, Workflow};
use crate::engine::event::{Event, Fate};
use crate::engine::frame::{Frame, View, path_to};
use crate::engine::guard::{FREE_PLACES, of_hold};
use crate::engine::input::{Actor, Input, Refusal};
use crate::engine::subject::Subject;
use crate::engine::{plan, step};
use crate::mutant::{self, Mutant};

/// Whether what a case would do with a hold's places may be done now.
pub(super) enum Turn {
    /// This may; if it takes a place or begins to wait for one, by this news of its hold.
    Now(Box<Advance>, Option<(i64, i64)>),
    /// Others go first.
    Later,
}

/// Those who have no place of a hold, read once for a batch.
#[derive(Default)]
pub(super) struct Lines(HashMap<i64, Line>);

/// Those who have no place of one hold.
#[derive(Default)]
struct Line {
    /// The hold's newest news when they were looked at.
    news: i64,
    /// They are read when somebody would take a place.
    is_read: bool,
    /// Row ids of those who wait for a place and would take it now.
    waiting: Vec<i64>,
    others: Vec<Other>,
    /// From when on which of the others want a place; asked for when somebody comes who has not waited.
    wanting: Option<Vec<(Timestamp, i64)>>,
}

/// A case without a place.
struct Other {
    id: i64,
    born: Option<Date>,
    case: Subject,
}

/// The hold whose places are asked for.
#[derive(Clone, Copy)]
struct Asked<'a> {
    id: i64,
    workflow: &'a Workflow,
    hold: &'a Subject,
}

/// A case that would take a place.
struct Taker {
    /// Its row id; the greatest of one that does not exist yet.
    id: i64,
    /// When it would.
    at: Timestamp,
    /// It has waited for it.
    waited: bool,
}

impl Runner {
    /// What is due in a case, if it is its turn. One that would begin to wait lets those go first who have a place and
    /// are due no later: otherwise it would depend on the batch, or on which of several processes is
    /// quicker, whether it waits, and from which day its next state counts.
    pub(super) async fn turn(
        &self,
        context: &Context,
        lines: &mut Lines,
        now: Timestamp,
    ) -> Result<Turn, RunError> {
        self.turn_to(context, None, lines, now).await
    }

    /// What a person asks for, which waits for nobody.
    ///
    /// # Errors
    /// [`Refusal::HoldFull`] when it takes a place that somebody else is to have.
    pub(super) async fn turn_of_input(
        &self,
        context: &Context,
        asked: (&Input, &Actor),
        now: Timestamp,
    ) -> Result<Turn, RunError> {
        let lines = &mut Lines::default();
        self.turn_to(context, Some(asked), lines, now).await
    }

    async fn turn_to(
        &self,
        context: &Context,
        asked: Option<(&Input, &Actor)>,
        lines: &mut Lines,
        now: Timestamp,
    ) -> Result<Turn, RunError> {
        let step = advance(context, asked, now)?;
        let from = begins_to_wait(&step).map(|at| asked.map_or(at, |_| Timestamp::MIN));
        if let Some(news) = self.may(context, &step, lines, now, from).await? {
            return Ok(Turn::Now(Box::new(step), news));
        }
        if gives_before_it_takes(&step) {
            // Whoever waits is to have what it gives back, and would wait for ever if it stayed where it is. It is among
            // those whom the news of its own place calls then, so that none comes that it would not hear of.
            let context = Context {
                behind: true,
                ..context.clone()
            };
            let step = advance(&context, asked, now)?;
            return Ok(Turn::Now(Box::new(step), None));
        }
        if asked.is_some() && takes_place(&step).is_some() {
            let places = context.version.workflow.cohort.places.unwrap_or_default();
            return Err(Refusal::HoldFull { places }.into());
        }
        Ok(Turn::Later)
    }

    /// Whether a step may be done now, and by which news of the hold; none when others go first.
    async fn may(
        &self,
        context: &Context,
        advance: &Advance,
        lines: &mut Lines,
        now: Timestamp,
        waits_from: Option<Timestamp>,
    ) -> Result<Option<Option<(i64, i64)>>, RunError> {
        let workflow = &context.version.workflow;
        let takes = takes_place(advance);
        let (Some(places), Some(hold)) = (workflow.cohort.places, &context.cohort) else {
            return Ok(Some(None));
        };
        if takes.or(waits_from).is_none() {
            return Ok(Some(None));
        }
        let asked = Asked {
            id: hold.row.subject.id,
            workflow,
            hold: &hold.subject,
        };
        let news = self.line(lines, asked).await?.news;
        if let Some(at) = waits_from
            && self
                .place_may_come(asked.id, places, context.row.id, at, now)
                .await?
        {
            return Ok(None);
        }
        if let Some(at) = takes {
            let view = asked.view(context.born);
            let taker = Taker {
                id: context.row.id,
                at,
                waited: plan::stands_in_line(&Frame::new(&view, &context.subject), now),
            };
            if self.passes_somebody(lines, asked, &taker, now).await? {
                return Ok(None);
            }
        }
        Ok(Some(Some((asked.id, news))))
    }

    /// The news of a hold by which somebody new may come and take one of its places.
    ///
    /// # Errors
    /// [`Refusal::HoldFull`] when there is none, or somebody else is to have it.
    pub(super) async fn place_for_another(
        &self,
        hold: &Context,
        lines: &mut Lines,
        now: Timestamp,
    ) -> Result<Option<i64>, RunError> {
        let workflow = &hold.version.workflow;
        let Some(places) = workflow.cohort.places else {
            return Ok(None);
        };
        let asked = Asked {
            id: hold.row.id,
            workflow,
            hold: &hold.subject,
        };
        let news = self.line(lines, asked).await?.news;
        let taker = Taker {
            id: i64::MAX,
            at: now,
            waited: false,
        };
        let free = self.place_may_come(asked.id, places, i64::MAX, Timestamp::MIN, now);
        if !free.await? || self.passes_somebody(lines, asked, &taker, now).await? {
            return Err(Refusal::HoldFull { places }.into());
        }
        Ok(Some(news))
    }

    /// Who waits for one of a hold's places: row ids, in the order in which they get one; and the others without a
    /// place, by row id, in the order in which they came to the hold.
    pub(super) async fn line_of(
        &self,
        hold: &Context,
        now: Timestamp,
    ) -> Result<(Vec<i64>, Vec<(i64, Subject)>), RunError> {
        let workflow = &hold.version.workflow;
        let asked = Asked {
            id: hold.row.id,
            workflow,
            hold: &hold.subject,
        };
        let mut line = Line::default();
        if workflow.cohort.places.is_some() {
            let states = placeless(workflow);
            line.read(asked, self.store().placeless(asked.id, &states).await?, now);
        }
        let others = line.others.into_iter().map(|other| (other.id, other.case));
        Ok((line.waiting, others.collect()))
    }

    async fn place_may_come(
        &self,
        hold: i64,
        places: u32,
        case: i64,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, RunError> {
        let places = (hold, i64::from(places));
        let (at, now) = (at.as_microsecond(), now.as_microsecond());
        let may_come = self.store().place_may_come(places, case, at, now);
        Ok(may_come.await?)
    }

    /// Whether a case would take a place that somebody before it is to have: who waits and has not yet
    /// heard that there is one, or wants one from an earlier moment on, or from the same and came to the
    /// hold before. Who cannot be advanced keeps nobody back.
    async fn passes_somebody(
        &self,
        lines: &mut Lines,
        asked: Asked<'_>,
        taker: &Taker,
        now: Timestamp,
    ) -> Result<bool, RunError> {
        let line = self.line(lines, asked).await?;
        if !line.is_read {
            let states = placeless(asked.workflow);
            let cases = self.store().placeless(asked.id, &states).await?;
            line.read(asked, cases, now);
        }
        Ok(line.has_before(asked, taker, now) && !mutant::is(Mutant::LineIgnored))
    }

    /// What is known of a hold in this batch. Its news is read before everything else about its places.
    async fn line<'l>(
        &self,
        lines: &'l mut Lines,
        asked: Asked<'_>,
    ) -> Result<&'l mut Line, RunError> {
        Ok(match lines.0.entry(asked.id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let news = self.store().newest_news(asked.id).await?;
                unknown.insert(Line {
                    news,
                    ..Line::default()
                })
            }
        })
    }
}

impl<'a> Asked<'a> {
    /// What a case of the hold sees when a place is free.
    fn view(self, born: Option<Date>) -> View<'a> {
        View {
            cohort: Some(self.hold),
            born,
            free_places: Some(1),
            ..View::of(self.workflow)
        }
    }
}

impl Line {
    fn read(
        &mut self,
        asked: Asked<'_>,
        cases: Vec<(i64, String, Option<String>)>,
        now: Timestamp,
    ) {
        self.is_read = true;
        for (id, snapshot, born) in cases {
            let Ok(case) = serde_json::from_str(&snapshot) else {
                continue;
            };
            let born = born.and_then(|born| born.parse().ok());
            let view = asked.view(born);
            if plan::stands_in_line(&Frame::new(&view, &case), now) {
                self.waiting.push(id);
            } else {
                self.others.push(Other { id, born, case });
            }
        }
    }

    fn has_before(&mut self, asked: Asked<'_>, taker: &Taker, now: Timestamp) -> bool {
        let waits = |id: &i64| *id != taker.id && (!taker.waited || *id < taker.id);
        if taker.waited || self.waiting.iter().any(waits) {
            return self.waiting.iter().any(waits);
        }
        let others = &self.others;
        let wanting = self.wanting.get_or_insert_with(|| {
            let wants = |other: &Other| Some((other.wants_from(asked, now)?, other.id));
            others.iter().filter_map(wants).collect()
        });
        let before = |(from, id): &(Timestamp, i64)| (*from, *id) < (taker.at, taker.id);
        wanting
            .iter()
            .any(|other| other.1 != taker.id && before(other))
    }
}

impl Other {
    /// From which moment on it wants a place, if what is due leads to one that is free.
    fn wants_from(&self, asked: Asked<'_>, now: Timestamp) -> Option<Timestamp> {
        let view = asked.view(self.born);
        plan::first(&Frame::new(&view, &self.case)).filter(|first| first.at <= now)?;
        let clock = Actor {
            role: None,
            from: "clock".into(),
        };
        let ahead = step(&view, &self.case, &Input::Tick, &clock, now).ok()?;
        let mut events = ahead.events.into_iter();
        let (at, _) = events.find(|(_, event)| *event == Event::PlaceTaken)?;
        Some(at)
    }
}

/// States in which a case may wait for a place: none that holds one, nor one that is final.
fn placeless(workflow: &Workflow) -> Vec<String> {
    let holds_none = |id: StateId| {
        let mut path = path_to(workflow, id).into_iter();
        path.all(|id| !workflow.states[id.0].holds_place)
    };
    let states = workflow.states.iter().enumerate();
    states
        .filter(|(at, state)| {
            state.children.is_empty() && state.outcome.is_none() && holds_none(StateId(*at))
        })
        .map(|(_, state)| state.name.to_string())
        .collect()
}

/// When a step takes a place of the hold, if it does.
fn takes_place(advance: &Advance) -> Option<Timestamp> {
    let mut events = advance.events.iter();
    events
        .find(|(_, event, _)| *event == Event::PlaceTaken)
        .map(|(at, ..)| *at)
}

/// When a step begins to wait for a place of the hold, if it does.
fn begins_to_wait(advance: &Advance) -> Option<Timestamp> {
    let for_place = |event: &Event| match event {
        Event::Decided(decision) => matches!(&decision.fate, Fate::Waiting(facts)
            if facts.contains(&of_hold(FREE_PLACES))),
        _ => false,
    };
    let mut events = advance.events.iter();
    events
        .find(|(_, event, _)| for_place(event))
        .map(|(at, ..)| *at)
}

/// Whether a step begins with giving a place of the hold back, and takes one again.
fn gives_before_it_takes(advance: &Advance) -> bool {
    let mut events = advance.events.iter().map(|(_, event, _)| event);
    let first = events.find(|event| matches!(event, Event::PlaceGiven | Event::PlaceTaken));
    first == Some(&Event::PlaceGiven) && events.any(|event| *event == Event::PlaceTaken)
}
