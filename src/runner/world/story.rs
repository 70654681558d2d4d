//! What people do in a world: a hold or two, candidates, and acts at instants, all by a seed.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::dice::Dice;
use super::floor::{CANDIDATES, Floor};
use crate::definition::model::{FactRef, Part};
use crate::definition::value::Value;
use crate::engine::NewCase;
use crate::engine::input::{Given, Input, TaskAct};
use crate::engine::pause::Pause;
use crate::runner::{Candidate, RunError, Runner, operator};
use crate::store::{PersonRef, Scope};

/// A story.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) begins: Timestamp,
    /// Starts of the holds.
    pub(super) holds: Vec<Date>,
    pub(super) acts: Vec<Act>,
    /// Nobody looks between these instants, µs UTC.
    pub(super) outages: Vec<(i64, i64)>,
    /// Acts meet each other and what is due at the same instants: then what comes of it may depend
    /// on who was first, and is not compared.
    pub(super) racing: bool,
    /// The candidate whose snapshot is spoilt.
    pub(super) poisoned: Option<usize>,
    /// So many mails to an address on a day; 0 is as many as there are.
    pub(super) recipient_max: i64,
}

/// Something a person does.
#[derive(Clone, Debug)]
pub(super) struct Act {
    /// When, µs UTC.
    pub(super) at: i64,
    pub(super) deed: Deed,
    /// They click twice.
    pub(super) twice: bool,
}

/// What is done, to the candidate or hold of a number.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    Enrol(usize, usize),
    Case(usize, Input),
    Hold(usize, Input),
    /// Everybody stops, and starts again as the other build.
    NewBuild,
    /// A candidate's snapshot is spoilt.
    Spoil(usize),
    /// Mail is stopped, and let go again.
    Stop(Halt),
    LetGo(Halt),
}

/// What is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    All,
    Hold(usize),
    Named(&'static str),
}

const EVENTS: [&str; 8] = [
    "enter",
    "line_up",
    "drop",
    "drop_queue",
    "seen",
    "back",
    "leave",
    "seen",
];

impl Story {
    pub(super) fn of(seed: u64) -> Self {
        let mut story = Self::drawn(seed);
        // Of the number alone, so that what else is drawn stays as it was.
        story.recipient_max = match seed % 7 {
            1 | 4 => 1,
            2 => 3,
            _ => 0,
        };
        if matches!(seed % 11, 3 | 6) {
            story.hurry(seed);
        }
        // Which mail is late when it is let go depends on how often it was refused before, so that what four fates
        // come to is not the same.
        if story.racing && matches!(seed % 13, 4 | 10) {
            story.halt(seed);
        }
        story
    }

    /// Mail is stopped for some hours or days, and then for others; each is let go in the end. Drawn apart, as above.
    fn halt(&mut self, seed: u64) {
        let mut dice = Dice::new(seed.wrapping_mul(0x0003_c6ef_3720).wrapping_add(3));
        let named = [
            "message.came",
            "message.weekly",
            "message.digest",
            "task.call",
            "meeting.talk",
        ];
        for _ in 0..2 + dice.below(4) {
            let what = match dice.below(4) {
                0 => Halt::All,
                1 => Halt::Hold(dice.below(self.holds.len())),
                _ => Halt::Named(dice.pick(&named).unwrap_or("message.came")),
            };
            let from = self.when(&mut dice, 20);
            self.push(from, Deed::Stop(what), false);
            let until = from + (1 + dice.upto(72)) * 3_600_000_000;
            self.push(until, Deed::LetGo(what), false);
        }
        self.acts.sort_by_key(|act| act.at);
    }

    /// Somebody does not want to wait for the mail that is to leave before the hold begins. Drawn apart, so that what
    /// else is drawn stays as it was.
    fn hurry(&mut self, seed: u64) {
        let mut dice = Dice::new(seed.wrapping_mul(0x0002_4b1d_77c5).wrapping_add(5));
        for _ in 0..=dice.below(4) {
            let at = self.when(&mut dice, 9);
            let deed = Deed::Case(dice.below(CANDIDATES), early("message.ahead@waiting#1.1"));
            let twice = dice.once_in(3);
            self.push(at, deed, twice);
        }
        self.acts.sort_by_key(|act| act.at);
    }

    fn drawn(seed: u64) -> Self {
        let mut dice = Dice::new(seed.wrapping_mul(0x0005_dee7_e66d).wrapping_add(11));
        match seed % 10 {
            5 => return Self::of_queue(&mut dice),
            6 => return Self::of_crowd(&mut dice),
            7 => return Self::of_enrolment(&mut dice),
            8 => return Self::of_sending(&mut dice),
            9 => return Self::of_sleep(&mut dice),
            _ => {}
        }
        let starts = [date(2026, 3, 16), date(2026, 3, 23), date(2026, 4, 13)];
        let first = dice.pick(&starts).unwrap_or(starts[0]);
        let mut holds = vec![first];
        if dice.once_in(3) {
            holds.push(first.checked_add(2.weeks()).unwrap_or(first));
        }
        let begins = instant(first.checked_sub(9.days()).unwrap_or(first), 10);
        let candidates = 2 + dice.below(CANDIDATES - 2);
        let mut story = Self {
            begins,
            holds,
            acts: Vec::new(),
            outages: Vec::new(),
            racing: dice.once_in(2),
            poisoned: None,
            recipient_max: 0,
        };
        for candidate in 0..candidates {
            let at = story.when(&mut dice, 4);
            let hold = dice.below(story.holds.len());
            story.push(at, Deed::Enrol(candidate, hold), false);
            if story.racing && dice.once_in(3) {
                // Somebody else moves the hold just then.
                let deed = story.moved(&mut dice, hold);
                story.push(at, deed, false);
            }
        }
        let acts = 3 + dice.below(3 + 3 * candidates);
        for _ in 0..acts {
            let at = story.when(&mut dice, 24);
            let deed = story.deed(&mut dice, candidates);
            let twice = dice.once_in(4);
            story.push(at, deed, twice);
        }
        if dice.once_in(3) {
            let from = story.when(&mut dice, 20);
            let length = (dice.upto(3) * 24 + 2 + dice.upto(20)) * 3_600_000_000;
            story.outages.push((from, from + length));
        }
        if dice.once_in(6) {
            let candidate = dice.below(candidates);
            let at = story.when(&mut dice, 20);
            story.poisoned = Some(candidate);
            story.push(at, Deed::Spoil(candidate), false);
        }
        story.acts.sort_by_key(|act| act.at);
        story
    }

    /// An instant of the first days; where nothing races, one at which nothing is due.
    fn when(&self, dice: &mut Dice, days: i64) -> i64 {
        let begins = self.begins.as_microsecond();
        let hours = if dice.once_in(6) {
            dice.upto(24)
        } else {
            22 + dice.upto(7)
        };
        let whole = begins + (dice.upto(days) * 24 + hours) * 3_600_000_000;
        if self.racing {
            return whole;
        }
        let odd = 60_000_001 * (1 + dice.upto(57)) + 17_000_000;
        whole + odd
    }

    /// A hold begins on another Monday.
    fn moved(&self, dice: &mut Dice, hold: usize) -> Deed {
        start_on(hold, self.holds[hold], dice.upto(4) - 1)
    }

    pub(super) fn push(&mut self, at: i64, deed: Deed, twice: bool) {
        self.acts.push(Act { at, deed, twice });
    }

    fn deed(&self, dice: &mut Dice, candidates: usize) -> Deed {
        let candidate = dice.below(candidates);
        let hold = dice.below(self.holds.len());
        let start = self.holds[hold];
        let day = start
            .checked_add(jiff::Span::new().days(dice.upto(21) - 7))
            .unwrap_or(start);
        match dice.below(41) {
            0..=17 => Deed::Case(candidate, fire(dice.pick(&EVENTS).unwrap_or("seen"))),
            18..=20 => Deed::Case(candidate, ready(dice.once_in(2))),
            21..=23 => {
                let acts = [TaskAct::Done, TaskAct::Skip, TaskAct::Reopen];
                let act = dice.pick(&acts).unwrap_or(TaskAct::Done);
                Deed::Case(candidate, task(act))
            }
            24..=26 => Deed::Case(candidate, book("talk", day, 9 + i8_of(dice.upto(5)))),
            27 => Deed::Case(candidate, met("talk", dice)),
            28 | 29 => Deed::Hold(hold, book("info", day, 9 + i8_of(dice.upto(5)))),
            30 | 31 => Deed::Hold(hold, met("info", dice)),
            32..=35 => self.moved(dice, hold),
            36 => {
                let last = day.checked_add(3.days()).unwrap_or(day);
                Deed::Case(candidate, Input::Pause(Pause { first: day, last }))
            }
            37 => Deed::Case(candidate, Input::Unpause(day)),
            38 => Deed::Hold(hold, Input::Cancel),
            _ => Deed::NewBuild,
        }
    }
}

fn i8_of(number: i64) -> i8 {
    i8::try_from(number).unwrap_or_default()
}

/// A hold begins some weeks after a Monday.
pub(super) fn start_on(hold: usize, monday: Date, weeks: i64) -> Deed {
    let moved = monday.checked_add(jiff::Span::new().weeks(weeks));
    let dates = BTreeMap::from([("start".into(), moved.unwrap_or(monday))]);
    Deed::Hold(hold, Input::MoveDates(dates))
}

/// A local hour as an instant.
pub(super) fn instant(day: Date, hour: i8) -> Timestamp {
    let local = day.at(hour, 0, 0, 0).in_tz("Europe/Copenhagen");
    local.map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}

pub(super) fn fire(event: &str) -> Input {
    Input::Fire {
        event: event.into(),
        set: BTreeMap::new(),
        override_reason: None,
        another: true,
    }
}

pub(super) fn ready(yes: bool) -> Input {
    let fact = FactRef {
        cohort: false,
        name: "ready".into(),
    };
    let given = Given {
        value: Value::YesNo(yes),
        text: None,
    };
    Input::Record(BTreeMap::from([(fact, given)]))
}

fn early(occurrence: &str) -> Input {
    Input::Early {
        occurrence: occurrence.to_owned(),
    }
}

fn task(act: TaskAct) -> Input {
    Input::Task {
        task: "call".into(),
        act,
        set: BTreeMap::new(),
        assign: BTreeMap::new(),
    }
}

fn book(meeting: &str, day: Date, hour: i8) -> Input {
    Input::Book {
        meeting: meeting.into(),
        start: day.at(hour, 30, 0, 0),
        place: None,
    }
}

fn met(meeting: &str, dice: &mut Dice) -> Input {
    let parts = [Part::Held, Part::NoShow, Part::Cancelled];
    Input::Met {
        meeting: meeting.into(),
        part: dice.pick(&parts).unwrap_or(Part::Held),
        attendance: Vec::new(),
    }
}

/// What came of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// It was taken, or had been.
    Taken,
    /// It was refused, with the reason.
    Refused(String),
    /// The store failed: the person tries again.
    Again,
    /// It ended in a way nobody should see.
    Odd(String),
}

impl Came {
    pub(super) fn of(result: Result<(), RunError>) -> Self {
        match result {
            Ok(()) => Self::Taken,
            Err(RunError::Refused(refusal)) => Self::Refused(refusal.to_string()),
            Err(RunError::Store(error)) if error.is_storage() => Self::Again,
            Err(error) => Self::Odd(error.to_string()),
        }
    }
}

/// Puts an input to a subject.
pub(super) async fn put(runner: Runner, subject: i64, input: Input, key: String) -> Came {
    let actor = operator("person");
    let done = runner.input(subject, &input, &actor, Some(&key)).await;
    Came::of(done.map(|_| ()))
}

/// Enrols a candidate.
pub(super) async fn enrol(
    runner: Runner,
    hold: i64,
    person: i64,
    case: NewCase,
    organisation: i64,
) -> Came {
    let candidate = Candidate {
        person: PersonRef::Id(person),
        born: None,
        organisation_id: Some(organisation),
        case,
    };
    let opened = runner.open_cases(hold, &[candidate]).await;
    Came::of(opened.map(|_| ()))
}

/// Spoils a snapshot.
pub(super) async fn spoil(runner: Runner, subject: i64) -> Came {
    let spoilt = runner.store().spoil(subject).await;
    Came::of(spoilt.map_err(RunError::from))
}

/// Stops mail.
pub(super) async fn stop(runner: Runner, scope: Scope) -> Came {
    let now = runner.now().as_microsecond();
    let stopped = runner.store().stop(scope, "Prøve", "person", now).await;
    Came::of(stopped.map(|_| ()).map_err(RunError::from))
}

/// Lets it go, if it is stopped.
pub(super) async fn let_go(runner: Runner, scope: Scope) -> Came {
    let gone = async {
        let stops = runner.store().stops().await?;
        match stops.into_iter().find(|stop| stop.scope == scope) {
            Some(stop) => runner.let_go(stop.id, "person").await.map(|_| ()),
            None => Ok(()),
        }
    };
    Came::of(gone.await)
}

/// Opens the holds of a story, before it begins.
pub(super) async fn open_holds(
    story: &Story,
    floor: &Floor,
    runner: &Runner,
) -> Result<Vec<i64>, RunError> {
    let mut holds = Vec::new();
    for (number, start) in story.holds.iter().enumerate() {
        let dates = BTreeMap::from([("start".into(), *start)]);
        let people = BTreeMap::from([("coordinator".into(), vec![floor.coordinator])]);
        let (title, facts) = (format!("Hold {number}"), BTreeMap::new());
        let opened = runner
            .open_cohort(floor.version_id, &title, dates, people, &facts)
            .await?;
        holds.push(opened.id);
    }
    Ok(holds)
}

/// How long a day is, µs.
pub(super) fn days(count: i64) -> i64 {
    SignedDuration::from_hours(24 * count)
        .as_micros()
        .try_into()
        .unwrap_or(i64::MAX)
}
