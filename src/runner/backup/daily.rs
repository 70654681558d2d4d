//! A backup a day, by the service itself.
//!
//! When one was made last is read from the names in the folder, not remembered: one that was missed is made up for, and
//! one that somebody has removed is missed.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{BackupAsked, BackupError, To, back_up, own_backups};
use crate::clock::{Clock, Stopwatch};
use crate::runner::Runner;

/// After one that failed, such as on a full disk, the next is tried so much later.
const AFTER_FAILURE: Duration = Duration::from_hours(1);
/// Older than this, the newest is late.
const LATE: SignedDuration = SignedDuration::from_hours(48);

/// Where the service puts a backup each day, and when.
#[derive(Clone, Debug)]
pub struct Daily {
    /// The folder.
    pub folder: PathBuf,
    /// At this time, local.
    pub at: Time,
    /// Whose.
    pub zone: TimeZone,
    /// So many are kept.
    pub keep: usize,
}

/// How it stands with backups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupStanding {
    /// When the newest was made; `None` when there is none.
    pub newest: Option<Timestamp>,
    /// How long ago that is.
    pub age: Option<SignedDuration>,
}

impl BackupStanding {
    /// There should be a newer one.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.age.is_none_or(|age| age > LATE)
    }
}

/// When the newest was made, as it was looked at last; `None` before that.
#[derive(Debug, Default)]
pub(in crate::runner) struct BackedUp(Mutex<Option<Seen>>);

/// What was in the folder when it was looked at.
#[derive(Clone, Copy, Debug)]
struct Seen {
    newest: Option<Timestamp>,
}

impl BackedUp {
    fn set(&self, newest: Option<Timestamp>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Seen { newest });
    }

    fn get(&self) -> Option<Seen> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Daily {
    /// Whether one should have been made since the newest: today's time has come, or yesterday's was missed.
    fn is_due(&self, newest: Option<Timestamp>, now: Timestamp) -> bool {
        let today = now.to_zoned(self.zone.clone()).date();
        let days = [Some(today), today.yesterday().ok()];
        let last = days.into_iter().flatten().find_map(|day| {
            let time = day.to_datetime(self.at).to_zoned(self.zone.clone()).ok()?;
            Some(time.timestamp()).filter(|time| *time <= now)
        });
        // One with a moment to come was made by a clock that was wrong.
        let newest = newest.filter(|newest| *newest <= now);
        last.is_some_and(|last| newest.is_none_or(|newest| newest < last))
    }
}

impl Runner {
    /// How it stands with the backups that this service makes; `None` when it makes none, or has not looked yet.
    #[must_use]
    pub fn backup_standing(&self) -> Option<BackupStanding> {
        let Seen { newest } = self.inner.backed_up.get()?;
        let now = Clock::Real.now();
        Some(BackupStanding {
            newest,
            age: newest.map(|newest| now.duration_since(newest)),
        })
    }

    /// The newest backup in the folder, looked up again.
    async fn newest_backup(&self, asked: &BackupAsked) -> Result<Option<Timestamp>, BackupError> {
        let To::Folder(folder) = asked.to.clone() else {
            return Ok(None);
        };
        let database = asked.database.clone();
        // A disk on a network may let one wait.
        let own = tokio::task::spawn_blocking(move || own_backups(&folder, &database));
        let own = own.await.unwrap_or_else(|_| Ok(Vec::new()))?;
        let now = Clock::Real.now();
        let newest = own
            .into_iter()
            .map(|(at, _)| at)
            .filter(|at| *at <= now)
            .max();
        self.inner.backed_up.set(newest);
        Ok(newest)
    }
}

/// Makes one when it is time, for ever. What fails is told, and tried again later.
pub(in crate::runner) async fn back_up_daily(runner: &Runner) -> Infallible {
    let (Some(daily), Some(database)) = (&runner.settings().backups, runner.store().file()) else {
        return std::future::pending().await;
    };
    let asked = BackupAsked {
        database: database.to_owned(),
        to: To::Folder(daily.folder.clone()),
        keep: Some(daily.keep),
        verify: true,
    };
    let mut failed: Option<Stopwatch> = None;
    loop {
        let rests = (failed.as_ref()).is_some_and(|since| since.elapsed() < AFTER_FAILURE);
        if !rests {
            let outcome = look(runner, daily, &asked).await;
            failed = outcome.is_err().then(Stopwatch::start);
            if let Err(error) = outcome {
                tracing::error!(%error, "no backup could be made; it is tried again in an hour");
            }
        }
        runner.inner.backup.notified().await;
    }
}

async fn look(runner: &Runner, daily: &Daily, asked: &BackupAsked) -> Result<(), BackupError> {
    let newest = match runner.newest_backup(asked).await {
        Ok(newest) => newest,
        Err(error) => {
            runner.inner.backed_up.set(None);
            return Err(error);
        }
    };
    if !daily.is_due(newest, Clock::Real.now()) {
        return Ok(());
    }
    let made = back_up(asked, &mut |_| {}).await?;
    tracing::info!(
        file = %made.file.display(),
        bytes = made.bytes,
        removed = made.removed.len(),
        "a backup was made and verified"
    );
    runner.newest_backup(asked).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_due_once_a_day_and_what_was_missed_is_made_up_for() {
        let daily = Daily {
            folder: "backups".into(),
            at: jiff::civil::time(2, 0, 0, 0),
            zone: TimeZone::get("Europe/Copenhagen").expect("a zone"),
            keep: 14,
        };
        // Local time is an hour ahead in winter, two in summer.
        for (newest, now, is_due) in [
            ("", "2027-02-01T00:59:00Z", true),
            ("2027-01-31T01:00:10Z", "2027-02-01T00:59:59Z", false),
            ("2027-01-31T01:00:10Z", "2027-02-01T01:00:00Z", true),
            ("2027-02-01T01:00:10Z", "2027-02-01T23:59:00Z", false),
            ("2027-02-01T00:30:00Z", "2027-02-01T09:00:00Z", true),
            ("2027-01-20T01:00:10Z", "2027-02-01T00:10:00Z", true),
            ("2027-07-31T00:00:10Z", "2027-08-01T00:00:00Z", true),
            // On the night on which the clock is set ahead there is no two o'clock.
            ("2027-03-27T01:00:10Z", "2027-03-28T00:59:00Z", false),
            ("2027-03-27T01:00:10Z", "2027-03-28T01:00:00Z", true),
            // By a clock that was wrong.
            ("2031-01-01T00:00:00Z", "2027-02-01T09:00:00Z", true),
        ] {
            let at = |text: &str| text.parse::<Timestamp>().ok();
            let found = daily.is_due(at(newest), at(now).expect("a moment"));
            assert_eq!(found, is_due, "{newest} {now}");
        }
    }

    #[test]
    fn it_is_late_after_two_days_and_when_there_is_none() {
        for (hours, is_late) in [
            (Some(1), false),
            (Some(48), false),
            (Some(49), true),
            (None, true),
        ] {
            let standing = BackupStanding {
                newest: None,
                age: hours.map(SignedDuration::from_hours),
            };
            assert_eq!(standing.is_late(), is_late, "{hours:?}");
        }
    }
}
