//! Steps of subjects, new ones with them, and what a step brings forth.

use serde::Serialize;

use super::people::PersonRef;
use crate::store::hooks::Told;
use crate::store::progress::Progress;
use crate::store::rows::{Status, SubjectKind};

/// The `state` of a hold that was cancelled: nobody goes on to it.
pub const CANCELLED: &str = "cancelled";

/// What a step brings forth, stored with the subject in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// History.
    pub events: Vec<EventNew>,
    /// Mail.
    pub outbox: Vec<OutboxNew>,
    /// Mail that waits to be gathered with others.
    pub gather: Vec<GatherNew>,
    /// News for other subjects.
    pub inbox_out: Vec<InboxNew>,
    /// Words of text facts.
    pub texts: Vec<TextNew>,
    /// How far the case has come, if it is further than before.
    pub progress: Option<Progress>,
    /// When a task first is due, µs UTC: the start of its day, the end of time for one without a day.
    pub task_due_at: Option<i64>,
    /// When the first meeting that is booked ends, µs UTC.
    pub meeting_end_at: Option<i64>,
    /// Who fills a role in a case from here on, if that has changed; row ids of people.
    pub seats: Option<Vec<i64>>,
    /// Which of these events other programs are told of, if there are hooks.
    pub told: Vec<Told>,
}

/// A subject to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSubject {
    /// `UUIDv7`.
    pub public_id: String,
    /// What it is.
    pub kind: SubjectKind,
    /// A case's hold.
    pub cohort_id: Option<i64>,
    /// The hold's `broadcast` as read. If it has risen since, the case is due at once, for what
    /// was computed of it may be late.
    pub cohort_broadcast: Option<i64>,
    /// The published workflow it follows.
    pub version_id: i64,
    /// A case's candidate.
    pub person: Option<PersonRef>,
    /// Whom it belongs to.
    pub organisation_id: Option<i64>,
    /// A hold's title.
    pub title: Option<String>,
    /// A hold's first day, ISO.
    pub starts_on: Option<String>,
    /// How many events it has.
    pub seq: i64,
    /// A case's atomic state.
    pub state: Option<String>,
    /// µs UTC; 0 is "look now".
    pub next_due_at: Option<i64>,
    /// The planner's revision as read; an older one makes the subject due at once.
    pub plan_rev: i64,
    /// µs UTC.
    pub last_at: i64,
    /// JSON.
    pub snapshot: String,
    /// What comes with it.
    pub outcome: Outcome,
    /// Take one of the hold's places, of which there are so many.
    pub take_place: Option<i64>,
    /// The hold's newest news ([`Store::newest_news`](crate::store::Store::newest_news)) as it was when its places were
    /// looked at; what takes a place is not created when there is newer.
    pub news_seen: Option<i64>,
}

/// One event to be appended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventNew {
    /// Counted from 1, without gaps.
    pub seq: i64,
    /// When it is said to have happened, µs UTC.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// Its name.
    pub kind: String,
    /// The input that caused it; unique per subject, so on the first event of an input only.
    pub input_key: Option<String>,
    /// JSON.
    pub payload: String,
}

/// Mail to be queued or held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutboxNew {
    /// `declaration@scope#visit.ordinal`.
    pub occurrence: String,
    /// The role it goes to.
    pub seat: String,
    /// A higher one cancels what is unsent of its stream.
    pub revision: i64,
    /// `UUIDv7`: the Message-ID.
    pub public_id: String,
    /// Of an invitation: `request` or `cancel`.
    pub method: Option<String>,
    /// `Queued` or `Held`.
    pub status: Status,
    /// Why it is held.
    pub reason: Option<String>,
    /// Lower leaves first.
    pub priority: i64,
    /// µs UTC.
    pub not_before: i64,
    /// The wake it is late in.
    pub late_lot: Option<i64>,
    /// JSON.
    pub intent: String,
}

/// Mail that waits to be gathered with others to the same person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GatherNew {
    /// Recipient and message.
    pub group_key: String,
    /// `declaration@scope#visit.ordinal`.
    pub occurrence: String,
    /// The role it goes to.
    pub seat: String,
    /// `UUIDv7`: the Message-ID of the bundle, if this is its first item.
    pub public_id: String,
    /// Lower leaves first.
    pub priority: i64,
    /// JSON.
    pub intent: String,
    /// When the bundle closes if this item opens it, µs UTC; else it joins the open one.
    pub close_at: i64,
}

/// News for another subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InboxNew {
    /// For whom.
    pub target: i64,
    /// Unique per target; the same twice is one.
    pub key: String,
    /// µs UTC.
    pub at: i64,
    /// JSON.
    pub payload: String,
}

/// Words of a text fact; the newest replace the older.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextNew {
    /// The fact.
    pub name: String,
    /// The words.
    pub text: String,
    /// µs UTC.
    pub at: i64,
}

/// What a case does with its hold's places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Nothing.
    #[default]
    None,
    /// Takes the smallest free one.
    Take {
        /// Whose.
        cohort_id: i64,
        /// How many there are.
        capacity: i64,
    },
    /// Gives back the one it has.
    Give,
}

/// A step to be stored, if what it was computed from is still so.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is another thing that the same transaction does, and most steps do none of them"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Write {
    /// Whose.
    pub subject_id: i64,
    /// `seq` as read.
    pub expect_seq: i64,
    /// `(hold, its broadcast as read)`.
    pub expect_cohort: Option<(i64, i64)>,
    /// The planner's revision as read.
    pub plan_rev: i64,
    /// `seq` from here on: `expect_seq` and the events.
    pub seq: i64,
    /// A case's atomic state; of a hold, that it is [`CANCELLED`].
    pub state: Option<String>,
    /// A hold's first day, ISO, if it is another one now.
    pub starts_on: Option<String>,
    /// µs UTC; 0 is "look now". Open news in its inbox makes it 0.
    pub next_due_at: Option<i64>,
    /// µs UTC.
    pub last_at: i64,
    /// JSON.
    pub snapshot: String,
    /// The case waits for a later hold, and there was none: it is woken when there is.
    pub waits: bool,
    /// A hold's members must look again.
    pub broadcast: bool,
    /// What the step brought forth.
    pub outcome: Outcome,
    /// News taken in.
    pub inbox_done: Vec<i64>,
    /// Places.
    pub place: Place,
    /// `(hold, its newest news as it was when its places were looked at)`, of a step that takes a place or
    /// begins to wait for one: whoever gives one back says so to the hold.
    pub news_seen: Option<(i64, i64)>,
    /// Erase what identifies the person: words, name, addresses and mail as frozen.
    pub erase_person: bool,
    /// Cases opened elsewhere with it.
    pub opens: Vec<NewSubject>,
    /// The case was opened by mistake and is taken back: only if nothing has left for it or may have, and what was
    /// to leave does not.
    pub take_back: bool,
}

/// What became of a [`Write`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// Stored.
    Done,
    /// The subject, its hold or the planner has moved on; read again.
    Stale,
    /// No place is left; nothing of it is stored.
    HoldFull,
}
