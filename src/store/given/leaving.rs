//! Mail on its way: what was decided about it, how an exchange ended, and which is asked for.

use serde::Serialize;

use crate::store::rows::Status;

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
    /// What a person wants of it, by the [`rev`](crate::store::Wish::rev) that was read; 0 is nothing.
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
    pub(in crate::store) fn with_merged(&self) -> impl Iterator<Item = &Self> {
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
    /// The run that it says what is new since ([`DigestRow`](crate::store::DigestRow)).
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

/// Mail that is late: when its bundle closes after an outage, and when a stop ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Late {
    /// What was to leave before then, µs UTC, is held.
    pub before: i64,
    /// The wake's lot; of a stop, the moment at which it ended.
    pub lot: i64,
}
