//! Whether an installation can do its work, part by part, for machines that watch it. It names nobody.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde::Serialize;

use super::words::here;
use super::{Desk, DeskError};
use crate::runner::serve::instant;

/// The work loop looks every 15 seconds at least, and while it works after every batch; this is longer than any batch.
const LOOKS_WITHIN: Duration = Duration::from_mins(1);
/// A database that takes longer to say one word does not answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// How one part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartHealth {
    /// As it should be.
    Ok,
    /// It does not answer, or not in time.
    Silent,
    /// It has not begun.
    Starting,
    /// It was made by another build.
    OtherBuild,
    /// Somebody has turned it off.
    Off,
    /// It has not been done for too long.
    Late,
    /// Nobody knows, since the database does not answer.
    Unknown,
}

/// Whether the installation can do its work.
///
/// ```
/// use tovholder::runner::desk::{Health, PartHealth};
/// let (ok, off) = (PartHealth::Ok, PartHealth::Off);
/// let ready = Health { database: ok, tables: ok, work: ok, mail: ok, backup: None };
/// assert!(ready.is_ready());
/// assert!(!Health { mail: off, ..ready }.is_ready());
/// // The work is done all the same.
/// assert!(Health { backup: Some(PartHealth::Late), ..ready }.is_ready());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// The database answers.
    pub database: PartHealth,
    /// Its tables are this build's.
    pub tables: PartHealth,
    /// The work loop of this process looks for what is due.
    pub work: PartHealth,
    /// Mail may leave.
    pub mail: PartHealth,
    /// The newest backup is not too old, where the service makes them. Nobody is turned away when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<PartHealth>,
}

/// A backup that should be newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateBackup {
    /// When it was made, local time; `None` when there is none.
    pub newest: Option<DateTime>,
}

/// How much waits, and for how long.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Backlog {
    /// Mails by status; none is counted beyond a hundred thousand.
    pub mails: Vec<(String, i64)>,
    /// Cases and holds that are stuck until a person looks.
    pub stuck: i64,
    /// Stops that stand.
    pub stops: i64,
    /// How much mail they keep back whose time has come; what several keep back is counted for each.
    pub stopped: i64,
    /// How long what is due first has been due; zero when nothing is.
    pub due_for: SignedDuration,
}

impl Health {
    /// All parts that work needs are as they should be.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let parts = [self.database, self.tables, self.work, self.mail];
        parts.iter().all(|part| *part == PartHealth::Ok)
    }
}

impl Desk {
    /// How the parts of the installation are now.
    pub async fn health(&self) -> Health {
        let work = match self.runner().looked_ago() {
            None => PartHealth::Starting,
            Some(ago) if ago > LOOKS_WITHIN => PartHealth::Silent,
            Some(_) => PartHealth::Ok,
        };
        let or = |fits: bool, otherwise| if fits { PartHealth::Ok } else { otherwise };
        let standing = self.runner().backup_standing();
        let backup = standing.map(|standing| or(!standing.is_late(), PartHealth::Late));
        let asked = tokio::time::timeout(ANSWERS_WITHIN, self.runner().store().standing()).await;
        let Ok(Ok(standing)) = asked else {
            return Health {
                database: PartHealth::Silent,
                tables: PartHealth::Unknown,
                work,
                mail: PartHealth::Unknown,
                backup,
            };
        };
        Health {
            database: PartHealth::Ok,
            tables: or(standing.tables_fit, PartHealth::OtherBuild),
            work,
            mail: or(standing.mail_on, PartHealth::Off),
            backup,
        }
    }

    /// The newest backup, where it was made too long ago.
    #[must_use]
    pub fn late_backup(&self) -> Option<LateBackup> {
        let standing = self.runner().backup_standing()?;
        standing.is_late().then(|| LateBackup {
            newest: standing.newest.map(here),
        })
    }

    /// How much waits now, by the installation's clock.
    pub async fn backlog(&self) -> Result<Backlog, DeskError> {
        let store = self.runner().store();
        let now = self.runner().now();
        // A subject that is to be looked at anew is due at 0, which is now and not since 1970.
        let due = store.next_work_due().await?.filter(|due| *due > 0);
        let due_for = due.map_or(SignedDuration::ZERO, |due| now.duration_since(instant(due)));
        let stopped = store.stopped_by(now.as_microsecond()).await?;
        Ok(Backlog {
            stops: i64::try_from(stopped.len()).unwrap_or(i64::MAX),
            stopped: stopped.values().sum(),
            mails: store.mail_waiting().await?,
            stuck: store.stuck().await?,
            due_for: due_for.max(SignedDuration::ZERO),
        })
    }
}
