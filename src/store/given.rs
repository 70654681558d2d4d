//! What is given to the store to be written.

use serde::Serialize;

use super::progress::Progress;
use super::rows::{Status, SubjectKind};

/// The `state` of a hold that was cancelled: nobody goes on to it.
pub const CANCELLED: &str = "cancelled";

/// A person to be created.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewPerson {
    /// In full.
    pub name: String,
    /// Mail address.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Day of birth, ISO.
    pub born: Option<String>,
    /// Row id.
    pub organisation_id: Option<i64>,
}

/// An organisation, known by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewOrganisation {
    /// Unique.
    pub name: String,
    /// Empty leaves what is known.
    pub kind: String,
    /// `None` leaves what is known.
    pub email: Option<String>,
}

/// One line of a file of staff.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonImport {
    /// In full.
    pub name: String,
    /// Mail address: who it is. Without one the person is always new.
    pub email: Option<String>,
    /// `None` leaves what is known.
    pub phone: Option<String>,
    /// `None` leaves what is known.
    pub born: Option<String>,
    /// `None` leaves what is known.
    pub organisation: Option<NewOrganisation>,
    /// `(workflow, role)`, added to those the person has; workflow `""` is every workflow.
    pub roles: Vec<(String, String)>,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCount {
    /// People not known before.
    pub created: usize,
    /// People known before, now different.
    pub updated: usize,
    /// People known before, as they were.
    pub unchanged: usize,
}

/// Whose a new case is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonRef {
    /// Known.
    Id(i64),
    /// Created with it.
    New(NewPerson),
}

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

/// An event that other programs are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its number in the history.
    pub seq: i64,
    /// What it is to them.
    pub kind: &'static str,
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
    /// The hold's newest news ([`Store::newest_news`](super::Store::newest_news)) as it was when its places were
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

/// What a decision about mail was made from; if any of it has changed, the decision is not taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fence {
    /// The mail.
    pub id: i64,
    /// Its `attempt` as read.
    pub attempt: i64,
    /// `(subject, its seq as read)`, for every subject the mail speaks of.
    pub seqs: Vec<(i64, i64)>,
    /// `(hold, its broadcast as read)`.
    pub broadcasts: Vec<(i64, i64)>,
    /// `(workflow, address in small letters)` of an announcement that is to leave: nobody there has unsubscribed.
    pub announced: Vec<(String, String)>,
    /// What a person wants of it, by the [`rev`](super::Wish::rev) that was read; 0 is nothing.
    pub wished: i64,
}

/// Mail as it shall leave. A row that has been attempted keeps what it had of all this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// What it was rendered from.
    pub fence: Fence,
    /// The bytes.
    pub frozen: Vec<u8>,
    /// Subject line.
    pub subject_line: String,
    /// To where.
    pub address: String,
    /// The address's domain.
    pub domain: String,
    /// Who fills the seat.
    pub person_id: Option<i64>,
    /// Hash of what it says.
    pub told: String,
    /// Which process sends it.
    pub node: String,
    /// Of a digest that comes again and again: what it tells.
    pub digest: Option<DigestNew>,
    /// How it counts among the mails of its recipients; one that nobody counts has none.
    pub ration: Option<Ration>,
    /// Mails that leave within this one's bytes: all or none. Theirs are empty.
    pub merged: Vec<Freeze>,
}

impl Freeze {
    /// The mail, and those merged into it.
    pub(super) fn with_merged(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.merged)
    }
}

/// How a mail counts among those that its recipients get on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ration {
    /// In small letters and in order; each has to have room.
    pub addresses: Vec<String>,
    /// The local day, ISO.
    pub day: String,
    /// It leaves when an address has had fewer than so many.
    pub room: i64,
    /// Else it is put off until then, µs UTC; one that would be of no use then leaves all the same.
    pub until: Option<i64>,
}

/// What a digest tells of its cases, for the next one to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestNew {
    /// The hold or workflow that tells it.
    pub subject_id: i64,
    /// `declaration@scope#visit.ordinal`; the declaration is what it is one of.
    pub occurrence: String,
    /// To whom.
    pub seat: String,
    /// The run that it says what is new since ([`DigestRow`](super::DigestRow)).
    pub since: Option<i64>,
    /// JSON; nothing that identifies a person.
    pub cases: String,
}

/// Mail that is no longer wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancel {
    /// What it was decided from.
    pub fence: Fence,
    /// Why.
    pub reason: String,
}

/// How an exchange with the mail server ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Accepted.
    Sent {
        /// What the server said.
        answer: String,
    },
    /// Refused for now, or lost before the end of the message.
    Retry {
        /// µs UTC.
        not_before: i64,
        /// Why.
        message: String,
    },
    /// Refused for good.
    Failed {
        /// Why.
        message: String,
    },
    /// Lost after the end of the message: perhaps accepted.
    Unknown {
        /// Why.
        message: String,
    },
}

/// An exchange to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settle {
    /// The mail.
    pub id: i64,
    /// The attempt that ended: one more than was read before it began.
    pub attempt: i64,
    /// How.
    pub settled: Settled,
}

/// Which mail to list; everything absent is not asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxFilter {
    /// Where it stands.
    pub status: Option<Status>,
    /// Of a hold and its cases.
    pub cohort: Option<i64>,
    /// Of one subject.
    pub subject: Option<i64>,
    /// Not those that somebody has seen to.
    pub unseen: bool,
    /// Only those that are older than this one.
    pub before: Option<i64>,
    /// At most so many, the newest first.
    pub limit: i64,
}

/// Mail that would be late when its bundle closes after an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Late {
    /// Bundles that should have closed before then, µs UTC, are held.
    pub before: i64,
    /// The wake's lot.
    pub lot: i64,
}
