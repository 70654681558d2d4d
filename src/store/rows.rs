//! Rows as they are read.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

/// What a subject is; the store must know, because holds have members and workflows one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// One candidate on one hold.
    Case,
    /// A hold.
    Cohort,
    /// A workflow over all its holds.
    Workflow,
}

/// Where mail stands.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Leaves when its time has come.
    Queued,
    /// Waits for a person, or for its late lot.
    Held,
    /// Frozen and on the wire. It never becomes `Queued` again by itself.
    Sending,
    /// Refused for now; its bytes stay as they were attempted.
    Retry,
    /// Accepted by the mail server.
    Sent,
    /// Refused for good.
    Failed,
    /// Perhaps accepted: the exchange was lost, or the process died in it.
    Unknown,
    /// No longer wanted.
    Cancelled,
}

/// Reads a word as serde does; a word that is none is a database that is not ours.
macro_rules! word {
    ($($of:ty),*) => {
        $(impl TryFrom<String> for $of {
            type Error = serde::de::value::Error;

            fn try_from(word: String) -> Result<Self, Self::Error> {
                Self::deserialize(serde::de::value::StringDeserializer::new(word))
            }
        })*
    };
}

word!(SubjectKind, Status);

impl SubjectKind {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Cohort => "cohort",
            Self::Workflow => "workflow",
        }
    }
}

impl Status {
    /// As stored, and as people type it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Held => "held",
            Self::Sending => "sending",
            Self::Retry => "retry",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A published workflow.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct VersionRow {
    /// Row id.
    pub id: i64,
    /// The workflow's key.
    pub workflow: String,
    /// The file as published.
    pub yaml: String,
    /// Its templates, JSON.
    pub templates: String,
    /// Over both.
    pub hash: String,
    /// µs UTC.
    pub published_at: i64,
}

/// A published workflow without its texts.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct VersionHead {
    /// Row id.
    pub id: i64,
    /// The workflow's key.
    pub workflow: String,
    /// µs UTC.
    pub published_at: i64,
}

/// A municipality, school or employer.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OrganisationRow {
    /// Row id.
    pub id: i64,
    /// Unique.
    pub name: String,
    /// As imported.
    pub kind: String,
    /// Its own mailbox.
    pub email: Option<String>,
    /// Why mail to that comes back; asked only where mail is written.
    #[sqlx(default)]
    pub returns: Option<String>,
}

/// A person: candidate or staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// Row id.
    pub id: i64,
    /// Empty once erased.
    pub name: String,
    /// Mail address, as given.
    pub email: Option<String>,
    /// Telephone, as given.
    pub phone: Option<String>,
    /// Day of birth, ISO.
    pub born: Option<String>,
    /// When what identified the person was erased, µs UTC.
    pub erased: Option<i64>,
    /// Why mail to the address comes back.
    pub returns: Option<String>,
    /// Where the person belongs.
    pub organisation: Option<OrganisationRow>,
}

/// A case, a hold or a workflow's own subject.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SubjectRow {
    /// Row id.
    pub id: i64,
    /// `UUIDv7`.
    pub public_id: String,
    /// What it is.
    #[sqlx(try_from = "String")]
    pub kind: SubjectKind,
    /// The workflow's key.
    pub workflow: String,
    /// A case's hold.
    pub cohort_id: Option<i64>,
    /// The published workflow it follows.
    pub version_id: i64,
    /// A case's candidate.
    pub person_id: Option<i64>,
    /// Whom the case belongs to.
    pub organisation_id: Option<i64>,
    /// A hold's title.
    pub title: Option<String>,
    /// A hold's first day, ISO.
    pub starts_on: Option<String>,
    /// How many events it has.
    pub seq: i64,
    /// A case's atomic state.
    pub state: Option<String>,
    /// Smallest head, µs UTC; 0 is "look now", none is "nothing".
    pub next_due_at: Option<i64>,
    /// In back-off until then, µs UTC.
    pub retry_at: Option<i64>,
    /// Failures since the last commit; at 5 it is stuck.
    pub faults: i64,
    /// The last failure.
    pub fault_text: Option<String>,
    /// Raised by a hold when its members must look again.
    pub broadcast: i64,
    /// The planner's revision of the last commit.
    pub plan_rev: i64,
    /// Latest instant of its history, µs UTC.
    pub last_at: i64,
    /// When what identified its person was erased, µs UTC.
    pub erased_at: Option<i64>,
    /// The fold of its history, JSON.
    pub snapshot: String,
    /// How many events its journal had when it was last written out.
    pub journaled: Option<i64>,
    /// The place it holds on its hold.
    pub place: Option<i64>,
}

/// A hold as its cases need it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CohortRow {
    /// The hold.
    #[sqlx(flatten)]
    pub subject: SubjectRow,
    /// Places taken.
    pub places_taken: i64,
    /// The next hold of the same workflow by first day.
    pub next_cohort: Option<i64>,
}

/// News for a subject, not yet taken in.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct InboxRow {
    /// Row id; lower came first.
    pub id: i64,
    /// For whom.
    pub target: i64,
    /// Unique per target.
    pub key: String,
    /// µs UTC.
    pub at: i64,
    /// JSON.
    pub payload: String,
}

/// What a batch needs, read in one snapshot of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The planner's revision to write back.
    pub plan_rev: i64,
    /// In the order asked for; ids that do not exist are left out.
    pub subjects: Vec<SubjectRow>,
    /// By row id: the holds of the cases, and the holds themselves.
    pub cohorts: HashMap<i64, CohortRow>,
    /// By subject, oldest first; only what is open.
    pub inbox: HashMap<i64, Vec<InboxRow>>,
    /// By subject: the candidate's day of birth, ISO.
    pub born: HashMap<i64, String>,
    /// Subjects whose candidate's data are kept for legal reasons.
    pub kept: HashSet<i64>,
}

/// A case as digests, lists and hold-wide mail see it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MemberRow {
    /// Row id.
    pub id: i64,
    /// `UUIDv7`.
    pub public_id: String,
    /// Its hold.
    pub cohort_id: i64,
    /// The published workflow it follows.
    pub version_id: i64,
    /// The candidate.
    pub person_id: Option<i64>,
    /// Whom the case belongs to.
    pub organisation_id: Option<i64>,
    /// How many events it has.
    pub seq: i64,
    /// Its atomic state.
    pub state: Option<String>,
    /// The fold of its history, JSON.
    pub snapshot: String,
}

/// What a digest told.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DigestRow {
    /// Row id; later ones are greater.
    pub id: i64,
    /// JSON, as it was given.
    pub cases: String,
}

/// One outcome in a history.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct EventRow {
    /// Counted from 1.
    pub seq: i64,
    /// When it is said to have happened, µs UTC.
    pub at: i64,
    /// When it was stored, µs UTC.
    pub recorded_at: i64,
    /// Who, JSON or a word; the store does not look.
    pub actor: String,
    /// The event's name.
    pub kind: String,
    /// The input that caused it.
    pub input_key: Option<String>,
    /// JSON.
    pub payload: String,
}

/// The words of a text fact.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow, Serialize)]
pub struct TextRow {
    /// The subject's row id.
    pub subject_id: i64,
    /// The fact.
    pub name: String,
    /// The words.
    pub text: String,
    /// µs UTC.
    pub at: i64,
}

/// Mail.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OutboxRow {
    /// Row id.
    pub id: i64,
    /// Whose mail; with `occurrence` and `seat` its stream.
    pub subject_id: i64,
    /// `declaration@scope#visit.ordinal`.
    pub occurrence: String,
    /// The role it goes to.
    pub seat: String,
    /// The invitation's SEQUENCE.
    pub revision: i64,
    /// `UUIDv7`: the Message-ID, the same for every attempt.
    pub public_id: String,
    /// Of an invitation: `request` or `cancel`.
    pub method: Option<String>,
    /// Where it stands.
    #[sqlx(try_from = "String")]
    pub status: Status,
    /// Why it was cancelled, held, refused or lost.
    pub reason: Option<String>,
    /// Lower leaves first.
    pub priority: i64,
    /// µs UTC.
    pub not_before: i64,
    /// The wake it was late in.
    pub late_lot: Option<i64>,
    /// Counted up when it is marked `sending`: the fence of every settlement.
    pub attempt: i64,
    /// Which process sent it last.
    pub node: Option<String>,
    /// The recipient's mail domain, for the throttle.
    pub domain: Option<String>,
    /// Who filled the seat when it was frozen.
    pub person_id: Option<i64>,
    /// To where it was frozen; before that, for whom it was put off.
    pub address: Option<String>,
    /// Hash of what it says.
    pub told: Option<String>,
    /// JSON; `{}` for a bundle.
    pub intent: String,
    /// Set for a bundle: its items are read when it is frozen.
    pub group_key: Option<String>,
    /// Subject line as frozen.
    pub subject_line: Option<String>,
    /// What the mail server said last.
    pub answer: Option<String>,
    /// µs UTC.
    pub created_at: i64,
    /// When it was sent, failed, lost or cancelled, µs UTC.
    pub settled_at: Option<i64>,
    /// The mail that says, or said, what this one was to say; it ends as that does.
    pub merged_into: Option<i64>,
    /// The local day on which it was last counted among those of its recipients, ISO.
    pub counted_on: Option<String>,
    /// The bytes as first attempted; absent in lists.
    #[sqlx(default)]
    pub frozen: Option<Vec<u8>>,
}

/// Something gathered with others into one mail.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct GatherRow {
    /// Row id; lower came first.
    pub id: i64,
    /// Recipient and message.
    pub group_key: String,
    /// Whose.
    pub subject_id: i64,
    /// `declaration@scope#visit.ordinal`.
    pub occurrence: String,
    /// The role it goes to.
    pub seat: String,
    /// JSON.
    pub intent: String,
    /// µs UTC.
    pub close_at: i64,
    /// The mail it went into.
    pub bundle_id: Option<i64>,
}

/// A gathered mail that has just been queued or held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The mail.
    pub outbox_id: i64,
    /// Recipient and message.
    pub group_key: String,
    /// How many are in it.
    pub items: i64,
}

/// Late mail of one wake that is still held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LotRow {
    /// The wake.
    pub lot: i64,
    /// How many are held.
    pub mails: i64,
}

/// What is one for the whole database.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ClusterRow {
    /// The planner's revision.
    pub plan_rev: i64,
    /// Which database this is.
    pub incarnation: String,
}

/// A clock that does not run with the world's.
#[derive(Clone, Copy, Debug, PartialEq, sqlx::FromRow)]
pub struct ClockRow {
    /// The world's instant at which it stood at `anchor_virtual`, µs UTC.
    pub anchor_real: i64,
    /// µs UTC.
    pub anchor_virtual: i64,
    /// Virtual seconds a second.
    pub rate: f64,
}
