//! The only room that sees engine, store and channel together: load, step, commit; then mail.
//!
//! [`Runner`] takes inputs and runs what is due. A [`Mailer`] freezes mail and sends it through a
//! channel. A simulation has a runner but no mailer, so it cannot send: by type, not by flag.

mod advance;
mod ahead;
pub mod assumed;
mod audience;
pub mod backup;
pub mod bench;
pub mod cast;
pub mod change;
mod context;
mod courier;
mod data;
pub mod desk;
mod freeze;
mod intake;
mod late;
mod links;
mod lookout;
mod mailer;
mod opening;
mod outgoing;
mod planner;
mod pulse;
mod queue;
mod reason;
pub mod rehearsal;
mod seats;
pub mod serve;
pub mod settings;
pub mod simulate;
mod stops;
mod taking_back;
mod undo;
pub mod versions;
mod write;

pub(crate) use data::{Mail, mails};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use tokio::sync::{Notify, watch};

pub use self::advance::{Done, operator};
pub use self::ahead::Coming;
pub use self::courier::{Courier, HOOK_EVENTS};
pub use self::intake::{IntakeError, IntakeRound, Taken, serve_and_take_in};
pub use self::links::{Answering, Stands, Subscriber};
pub use self::mailer::{Mailed, Mailer};
pub use self::opening::{Candidate, Opened};
pub use self::pulse::MailResult;
pub use self::settings::{Installed, InstalledWorkflow, Settings};
pub use self::stops::LettingGo;
use crate::calendar::Tables;
use crate::channel::BadPost;
use crate::clock::Clock;
use crate::definition::Problem;
use crate::definition::model::Name;
use crate::engine::input::Refusal;
use crate::store::{Store, StoreError};

/// Runs subjects on a store, by a clock.
#[derive(Clone, Debug)]
pub struct Runner {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Clock,
    settings: Settings,
    versions: Arc<versions::Versions>,
    /// Something has changed that the work loop should look at.
    changed: Notify,
    /// Mail has been queued.
    mail: Notify,
    /// Something has happened that other programs may want to be told.
    hooks: Notify,
    /// It is time to look for mail that has come in.
    intake: Notify,
    /// It is time to look whether a backup is due.
    backup: Notify,
    /// When the newest backup was made.
    backed_up: backup::BackedUp,
    /// When this process last woke up after not looking for a while, µs UTC: the lot of late mail.
    wake: AtomicI64,
    /// The newest lot of late mail that this process has warned of because nobody is told of it.
    lot_warned: AtomicI64,
    /// Subjects advanced by the work loop since this process began.
    advanced: watch::Sender<usize>,
    /// What this process has done since it began.
    pulse: pulse::Pulse,
}

/// Why a run did not go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The engine does not take the input. Nothing has changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A snapshot, payload or template store could not be read or written as JSON.
    #[error("stored JSON cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// No such published version.
    #[error("no published workflow version {0}")]
    NoVersion(i64),
    /// No such case or hold.
    #[error("no case or hold with id {0}")]
    NoSubject(String),
    /// The workflow has errors.
    #[error("the workflow has {} problem(s); run `tovholder check`", .0.len())]
    BadWorkflow(Vec<Problem>),
    /// Its templates have errors.
    #[error("the templates have problems: {0}")]
    BadTemplates(String),
    /// The case or hold has moved on since it was looked at. Nothing has changed.
    #[error("the case was changed by somebody else since it was looked at")]
    MovedOn,
    /// The same row was changed again and again by others.
    #[error(
        "the case was changed by somebody else at the same time, {0} times in a row; try again"
    )]
    Contended(usize),
    /// The files of erased mail cannot be removed.
    #[error("the files of erased mail cannot be removed: {0}")]
    Shred(std::io::Error),
    /// Other programs cannot be told by these settings.
    #[error("hooks: {0}")]
    Hooks(#[from] BadPost),
    /// The periodic wake-up could not be started or stopped.
    #[error("the scheduler failed: {0}")]
    Scheduler(String),
    /// A snapshot that its history does not give, or another broken promise of ours.
    #[error("inconsistent data: {0}")]
    Inconsistent(String),
}

impl RunError {
    /// Something that is sealed cannot be read: its key was not given, or it was changed. Trying again does not help.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        matches!(self, Self::Store(error) if error.lacks_keys() || error.is_broken_seal())
    }
}

impl Runner {
    /// A runner; nothing runs until it is asked to.
    #[must_use]
    pub fn new(store: Store, clock: Clock, settings: Settings) -> Self {
        Self::with(store, clock, settings, Arc::default())
    }

    /// The same on a copy of the store, which has the same published workflows.
    fn on_copy(&self, copy: Store, clock: Clock) -> Self {
        let versions = self.inner.versions.clone();
        Self::with(copy, clock, self.settings().clone(), versions)
    }

    /// The same by other holidays and zones.
    fn on_copy_under(&self, copy: Store, clock: Clock, tables: Arc<Tables>) -> Self {
        let versions = Arc::new(versions::Versions::under(tables));
        Self::with(copy, clock, self.settings().clone(), versions)
    }

    fn with(
        store: Store,
        clock: Clock,
        settings: Settings,
        versions: Arc<versions::Versions>,
    ) -> Self {
        let wake = AtomicI64::new(clock.now().as_microsecond());
        Self {
            inner: Arc::new(Inner {
                store,
                clock,
                settings,
                versions,
                changed: Notify::new(),
                mail: Notify::new(),
                hooks: Notify::new(),
                intake: Notify::new(),
                backup: Notify::new(),
                backed_up: backup::BackedUp::default(),
                wake,
                lot_warned: AtomicI64::new(i64::MIN),
                advanced: watch::Sender::new(0),
                pulse: pulse::Pulse::default(),
            }),
        }
    }

    /// A runner of a build that reads a workflow its own way.
    #[cfg(test)]
    fn of_build(
        store: Store,
        clock: Clock,
        settings: Settings,
        version: Arc<versions::Version>,
    ) -> Self {
        let versions = Arc::new(versions::Versions::of(version));
        Self::with(store, clock, settings, versions)
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The time, UTC.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Published workflows.
    pub async fn version(&self, id: i64) -> Result<Arc<versions::Version>, RunError> {
        self.inner.versions.get(&self.inner.store, id).await
    }

    /// Tells the loops that something has changed.
    pub fn notify(&self) {
        self.inner.changed.notify_one();
        self.inner.mail.notify_one();
        self.inner.hooks.notify_one();
    }

    /// Tells those who look each minute; one that is forgotten is made up for by the next.
    fn a_minute_passed(&self) {
        self.inner.intake.notify_one();
        self.inner.backup.notify_one();
    }

    /// Waits until mail is queued, or may be.
    async fn mail_is_queued(&self) {
        self.inner.mail.notified().await;
    }

    /// Notes that this process has not looked for a while: mail that is late now belongs together.
    pub fn woke(&self, at: Timestamp) {
        self.belongs_to(at.as_microsecond());
    }

    /// Mail that is late now belongs to this lot.
    fn belongs_to(&self, lot: i64) {
        self.inner.wake.store(lot, Ordering::SeqCst);
    }

    fn wake(&self) -> i64 {
        self.inner.wake.load(Ordering::SeqCst)
    }
}

/// Who holds which role, by row id of people.
pub type People = BTreeMap<Name, Vec<i64>>;

#[cfg(test)]
mod world;
