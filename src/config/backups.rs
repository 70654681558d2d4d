//! The backups that the service makes by itself.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::Place;
use crate::runner::Settings;
use crate::runner::backup::Daily;

/// By whose days and hours.
const ZONE: &str = "Europe/Copenhagen";

/// A backup a day.
#[derive(Args, Clone, Debug)]
pub struct Backups {
    /// Make a backup into this folder each day, on another disk than the database, and verify it;
    /// `TOVHOLDER_BACKUP_TO`. For a database file (SQLite) only. The folder must be there.
    #[arg(
        long,
        env = "TOVHOLDER_BACKUP_TO",
        value_name = "FOLDER",
        hide_env = true
    )]
    pub backup_to: Option<PathBuf>,
    /// At this time, Danish; `TOVHOLDER_BACKUP_AT`.
    #[arg(
        long,
        env = "TOVHOLDER_BACKUP_AT",
        value_name = "HH:MM",
        default_value = "02:00",
        value_parser = time,
        hide_env = true
    )]
    pub backup_at: Time,
    /// Keep so many of the newest, and remove older ones; `TOVHOLDER_BACKUP_KEEP`.
    #[arg(
        long,
        env = "TOVHOLDER_BACKUP_KEEP",
        value_name = "NUMBER",
        default_value_t = 14,
        value_parser = clap::value_parser!(u32).range(1..),
        hide_env = true
    )]
    pub backup_keep: u32,
}

/// What is wrong with them.
#[derive(Debug, thiserror::Error)]
pub enum BadBackups {
    /// A server makes its own.
    #[error(
        "--backup-to or TOVHOLDER_BACKUP_TO: a database of PostgreSQL is backed up by its server; see `tovholder backup`"
    )]
    Server,
    /// There is no such folder.
    #[error("--backup-to or TOVHOLDER_BACKUP_TO: there is no folder {0}")]
    NoFolder(PathBuf),
}

impl Backups {
    /// Adds them to the settings.
    pub fn apply(&self, database: &Place, settings: &mut Settings) -> Result<(), BadBackups> {
        let Some(folder) = &self.backup_to else {
            return Ok(());
        };
        if database.file().is_none() {
            return Err(BadBackups::Server);
        }
        // A disk that is not there now may be there tonight, but whoever wrote another name learns it now.
        if !folder.is_dir() {
            return Err(BadBackups::NoFolder(folder.clone()));
        }
        settings.backups = Some(Box::new(Daily {
            folder: folder.clone(),
            at: self.backup_at,
            zone: TimeZone::get(ZONE).unwrap_or(TimeZone::UTC),
            keep: self.backup_keep.try_into().unwrap_or(usize::MAX),
        }));
        Ok(())
    }
}

fn time(text: &str) -> Result<Time, String> {
    let read = Time::strptime("%H:%M", text);
    read.map_err(|_| format!("write a time such as 02:00 instead of {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_with_its_variable() {
        let folder = tempfile::tempdir().expect("a folder");
        let of = |to: PathBuf| Backups {
            backup_to: Some(to),
            backup_at: time("03:30").expect("a time"),
            backup_keep: 3,
        };
        let from = "post@college.example".parse().expect("a mailbox");
        let mut settings = Settings::new(from, "x");
        let file: Place = "sosu.db".parse().expect("a place");
        let server: Place = "postgres://db.example/sosu".parse().expect("a place");
        let there = folder.path().to_owned();
        for (backups, place) in [(of(there.clone()), &server), (of(there.join("no")), &file)] {
            let error = backups.apply(place, &mut settings).expect_err("wrong");
            assert!(error.to_string().contains("TOVHOLDER_BACKUP_TO"), "{error}");
        }
        of(there).apply(&file, &mut settings).expect("right");
        let daily = settings.backups.expect("one a day");
        assert_eq!((daily.at.hour(), daily.at.minute(), daily.keep), (3, 30, 3));
        for bad in ["", "3", "24:00", "03.30", "03:30:00"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }
}
