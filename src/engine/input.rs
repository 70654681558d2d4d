//! What comes in from people, from other subjects and from the clock; and how it is refused.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use super::pause::Pause;
use super::plan::Keeps;
use super::subject::Said;
use super::undo::{NotUndone, Undo};
use crate::definition::model::{FactRef, Name, Part};
use crate::definition::value::Value;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The role acted in; `None` is the operator, who may do everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Name>,
    /// `cli`, `clock`, `import`: where it came from.
    pub from: String,
}

/// A fact given with an input; a text brings its words along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The checked value.
    pub value: Value,
    /// The words of a text fact.
    pub text: Option<String>,
}

/// Something that may change a subject.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Nothing but the time: run what is due.
    Tick,
    /// Raise a declared event.
    Fire {
        /// Its key.
        event: Name,
        /// Facts recorded with it.
        set: BTreeMap<FactRef, Given>,
        /// Why a false guard may be passed.
        override_reason: Option<String>,
        /// It is another one than what was recorded earlier that day.
        another: bool,
    },
    /// Take back what a person led the case on by last.
    Undo(Undo),
    /// Let a case go on at another hold of its workflow, with facts and people.
    Transfer {
        /// The hold's row id.
        cohort: i64,
        /// Where it begins there, a state of that hold's version.
        state: Name,
    },
    /// Record facts.
    Record(BTreeMap<FactRef, Given>),
    /// Do, skip or reopen a task.
    Task {
        /// Its key.
        task: Name,
        /// What.
        act: TaskAct,
        /// Facts recorded with it.
        set: BTreeMap<FactRef, Given>,
        /// People who fill a role with it.
        assign: BTreeMap<Name, Vec<i64>>,
    },
    /// Book or move a meeting.
    Book {
        /// Its key.
        meeting: Name,
        /// Local start.
        start: DateTime,
        /// Where.
        place: Option<String>,
    },
    /// Somebody answers an invitation.
    Answer {
        /// The meeting's key.
        meeting: Name,
        /// Its number.
        no: u32,
        /// The seat that was invited.
        seat: String,
        /// What.
        said: Said,
        /// The revision that is answered.
        revision: u32,
        /// When, as the attendee's calendar has it.
        stamp: Timestamp,
    },
    /// A meeting was held, missed or called off.
    Met {
        /// Its key.
        meeting: Name,
        /// Which.
        part: Part,
        /// For a hold's meeting: the row ids of the cases, and whether each came. Empty: no list was kept.
        attendance: Vec<(i64, bool)>,
    },
    /// Give a role its people.
    Assign {
        /// The role.
        role: Name,
        /// Ids of people.
        people: Vec<i64>,
    },
    /// Move dates of a hold; those not named stay.
    MoveDates(BTreeMap<Name, Date>),
    /// Cancel a hold: its open cases end, its meetings are called off.
    Cancel,
    /// Take back a case that was opened by mistake. Whether anybody has been told of it is the asker's to know.
    TakeBack {
        /// What identifies the person came with the case, and goes with it.
        forget: bool,
    },
    /// Erase what identifies the candidate, before its time.
    Anonymise {
        /// Also of a case that is under way, which ends with it.
        running: bool,
    },
    /// Let a hold or a case stand still; a pause that begins on the same day gets another last day.
    Pause(Pause),
    /// Lift the pause that begins on a day. What has passed of it has been.
    Unpause(Date),
    /// Say a mail again that was sent.
    Again {
        /// `declaration@scope#visit.ordinal`.
        occurrence: String,
        /// Higher than any that was sent.
        revision: u32,
    },
    /// Send a planned mail before its time.
    Early {
        /// `declaration@scope#visit.ordinal`.
        occurrence: String,
    },
    /// News from another subject, through the inbox.
    News(News),
}

/// What is done with a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskAct {
    /// It is done.
    Done,
    /// It is skipped, where that is allowed.
    Skip,
    /// It is open again; the facts it fills become unknown.
    Reopen,
}

/// What one subject tells another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// To a case: something happened on its hold that it may react to.
    Hold {
        /// The hold's task or meeting.
        name: Name,
        /// What happened.
        part: Part,
        /// When.
        at: Timestamp,
    },
    /// To a hold: a case gave its place back.
    PlaceGiven,
    /// To a hold: a case came into a state that meetings are about, so invitations are looked at again.
    Joined,
    /// To a hold: a case left a state that a task clears.
    Left {
        /// The task.
        task: Name,
    },
    /// To a case: what keeps it from being anonymised is another ([`Keeps`](super::plan::Keeps)), so that it plans anew.
    Kept,
}

/// Why an input is not taken. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such event here.
    #[error("event {event:?} is not declared in state {state:?}; possible here: {possible}")]
    NotHere {
        /// The event.
        event: String,
        /// The atomic state.
        state: String,
        /// What can be raised.
        possible: String,
    },
    /// The case has ended.
    #[error("the case ended on {day}; nothing more can happen to it")]
    Ended {
        /// The day.
        day: Date,
    },
    /// The role may not.
    #[error("role {role:?} may not do this; it is for: {allowed}")]
    NotAllowed {
        /// The role.
        role: String,
        /// Who may.
        allowed: String,
    },
    /// A needed fact is not recorded.
    #[error("needs facts that are not recorded: {facts}; give them with --set NAME=VALUE")]
    NeedsFacts {
        /// Their names.
        facts: String,
    },
    /// The guard does not hold.
    #[error("the condition does not hold: {condition}")]
    GuardFalse {
        /// In words.
        condition: String,
    },
    /// No place is left.
    #[error("the hold is full: all {places} places are taken")]
    HoldFull {
        /// How many there are.
        places: u32,
    },
    /// No later hold exists.
    #[error("there is no later hold to move to yet; create one and try again")]
    NoNextCohort,
    /// No such task is open.
    #[error("task {task:?} is not open")]
    TaskNotOpen {
        /// Its key.
        task: String,
    },
    /// It may not be skipped.
    #[error("task {task:?} must be done; it is neither optional nor recurring")]
    TaskNotOptional {
        /// Its key.
        task: String,
    },
    /// Somebody is left.
    #[error("task {task:?} is done when nobody is left in {states}; {left} are left")]
    NotCleared {
        /// Its key.
        task: String,
        /// The states.
        states: String,
        /// How many.
        left: u32,
    },
    /// No such meeting can be booked here.
    #[error("meeting {meeting:?} cannot be booked now: {why}")]
    NotBookable {
        /// Its key.
        meeting: String,
        /// Why.
        why: String,
    },
    /// No such meeting is booked.
    #[error("meeting {meeting:?} is not booked")]
    NotBooked {
        /// Its key.
        meeting: String,
    },
    /// No such fact.
    #[error("there is no fact {fact:?}")]
    NoSuchFact {
        /// Its name.
        fact: String,
    },
    /// No such role here.
    #[error("there is no role {role:?} per {per}")]
    NoSuchRole {
        /// Its name.
        role: String,
        /// Per what.
        per: String,
    },
    /// The hold was cancelled.
    #[error("the hold was cancelled on {day}; nothing more can happen to it")]
    HoldCancelled {
        /// The day.
        day: Date,
    },
    /// The same was recorded earlier that day, and nobody has said that this is another one.
    #[error(
        "{event:?} is recorded already for that day, at {at}; is this the same, or another one?"
    )]
    SameDay {
        /// The event.
        event: String,
        /// When the last one was recorded, local.
        at: DateTime,
    },
    /// There is nothing to take back, or it is too late for that.
    #[error("nothing can be taken back: {0:?}")]
    NotUndone(NotUndone),
    /// Only a case has that.
    #[error("only a case can {what}")]
    OnlyCase {
        /// What was asked for.
        what: &'static str,
    },
    /// It is to be anonymised, and is under way.
    #[error("the case is under way")]
    UnderWay,
    /// It is to be anonymised, and something keeps it.
    #[error("the case is kept: {why}")]
    Kept {
        /// What.
        why: Keeps,
    },
    /// Only a hold has that.
    #[error("only a hold can {what}")]
    OnlyHold {
        /// What was asked for.
        what: &'static str,
    },
    /// No such date.
    #[error("the hold has no date {date:?}")]
    NoSuchDate {
        /// Its name.
        date: String,
    },
    /// A hold's date that must fall on a certain weekday.
    #[error("{date} must be a {weekday}, and {day} is none")]
    WrongWeekday {
        /// Its name.
        date: String,
        /// The day given.
        day: Date,
        /// As the file writes it.
        weekday: String,
    },
    /// A pause that ends before it begins.
    #[error("a pause cannot end on {last}, before its first day, {first}")]
    PauseBackwards {
        /// Its first day.
        first: Date,
        /// Its last day.
        last: Date,
    },
    /// There is a pause on these days already.
    #[error("there is a pause from {first} to {last} already")]
    PauseThere {
        /// Its first day.
        first: Date,
        /// Its last day.
        last: Date,
    },
    /// No pause begins then.
    #[error("no pause begins on {first}")]
    NoSuchPause {
        /// The day.
        first: Date,
    },
    /// It cannot be said again.
    #[error("{occurrence:?} cannot be said again: {why}")]
    NotAgain {
        /// What.
        occurrence: String,
        /// Why.
        why: &'static str,
    },
    /// It cannot be sent before its time.
    #[error("{occurrence:?} cannot be sent before its time: {why}")]
    NotEarly {
        /// What.
        occurrence: String,
        /// Why.
        why: NotEarly,
    },
    /// More than 64 steps followed from one input.
    #[error("more than {limit} steps follow from one another: the workflow does not come to rest")]
    NoRest {
        /// The limit.
        limit: usize,
    },
}

/// Why a mail is not sent before its time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEarly {
    /// It is decided already: sent, or left out.
    #[error("it is decided already")]
    Decided,
    /// What it is measured from has not happened, or is not known.
    #[error("it is not planned")]
    Unplanned,
    /// It stands in a state that the case is not in.
    #[error("it stands in {state:?}, where the case is not")]
    Elsewhere {
        /// The state's key.
        state: Name,
    },
    /// Each time it says what is new since the last.
    #[error("it recurs, and says at its time what is new since the last one")]
    Recurs,
    /// It is put together with others at its time.
    #[error("it is gathered with others at its time")]
    Gathered,
    /// It follows from a task or a meeting and says what is the matter with that at its time.
    #[error("it follows from a task or a meeting")]
    Follows,
    /// Its condition does not hold now.
    #[error("its condition does not hold now: {condition}")]
    Guard {
        /// In words.
        condition: String,
    },
    /// Something it needs is not known.
    #[error("it needs what is not known: {facts}")]
    Needs {
        /// In words.
        facts: String,
    },
    /// What it was to come before has begun.
    #[error("its moment has passed")]
    Passed,
}
