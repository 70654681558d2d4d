//! Reading a backup to its end: whether its pages are whole, every history gives its snapshot, and every mail has been
//! decided once.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{BackupError, Step, Told, Unfit, checksum, files};
use crate::engine::event::{Event, Fate};
use crate::engine::subject::{Kind, Subject};
use crate::runner::serve::{clock_by, instant};
use crate::store::{Backup, History, Holds, Status, StoreError, Tables};

/// Histories that are read at once.
const BATCH: i64 = 128;
/// So many broken ones are named.
const NAMED_MAX: usize = 20;
/// What is to leave and has not for so long is late.
const LATE: SignedDuration = SignedDuration::from_hours(1);

/// What was found in a backup.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    /// How large its file is.
    pub bytes: u64,
    /// Whether it is as the checksum beside it says; `None` when there is none.
    pub checksum: Option<bool>,
    /// So many changes are made to its tables when it is opened, since an older build has made them.
    pub older_by: usize,
    /// Its holds.
    pub holds: Vec<Holds>,
    /// How many histories were folded.
    pub histories: i64,
    /// Of how many events.
    pub events: i64,
    /// When the newest of these was recorded, by the installation's clock.
    pub newest: Option<Timestamp>,
    /// How much mail stands where.
    pub mails: Vec<(Status, i64)>,
    /// How much of what may leave is late by now.
    pub late: i64,
    /// What is damaged in its pages and rows.
    pub damage: Vec<String>,
    /// The first subjects of which something is wrong.
    pub faulty: Vec<Faulty>,
    /// How many there are.
    pub faulty_count: usize,
}

/// A subject of which something is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Faulty {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What is wrong.
    pub fault: Fault,
}

/// What can be wrong with a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// An event is missing: the number that would be its own.
    Missing(i64),
    /// An event cannot be read: its number.
    Unreadable(i64),
    /// The snapshot cannot be read.
    NoSnapshot,
    /// Folding the history gives something else than the snapshot.
    OtherThanFolded,
    /// There is mail that was never decided.
    NotDecided(String),
    /// Mail was decided that is not there.
    NoMail(String),
}

impl Verified {
    /// Nothing is wrong with it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.damage.is_empty() && self.faulty_count == 0 && self.checksum != Some(false)
    }
}

/// Reads a backup file to its end, without a change to it.
pub async fn verify(file: &Path, told: Told<'_>) -> Result<Verified, BackupError> {
    let unfit = |why| BackupError::Unfit {
        path: file.to_owned(),
        why,
    };
    match std::fs::metadata(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(unfit(Unfit::Missing));
        }
        Err(error) => {
            return Err(BackupError::File {
                path: file.to_owned(),
                error,
            });
        }
        Ok(found) if found.is_dir() => return Err(unfit(Unfit::Folder)),
        Ok(found) if found.len() == 0 => return Err(unfit(Unfit::Empty)),
        Ok(_) => {}
    }
    let read = async {
        let mut backup = Backup::open(file).await?;
        let verified = verified(&mut backup, told).await;
        backup.close().await?;
        verified
    };
    match read.await {
        Ok(Ok(verified)) => Ok(Verified {
            bytes: files::size(file),
            checksum: checksum::is_right(file)?,
            ..verified
        }),
        Ok(Err(why)) => Err(unfit(why)),
        Err(error) if error.is_in_use() => Err(unfit(Unfit::InUse)),
        Err(error) if error.is_no_database() => Err(unfit(Unfit::NoDatabase)),
        Err(error) if error.is_damaged() => Err(unfit(Unfit::Unreadable)),
        Err(error) => Err(error.into()),
    }
}

/// The same of a database of PostgreSQL, such as one that a dump was read back into.
pub async fn verify_server(url: &str, told: Told<'_>) -> Result<Verified, BackupError> {
    let mut backup = Backup::connect(url).await?;
    let verified = verified(&mut backup, told).await?;
    backup.close().await?;
    verified.map_err(|why| BackupError::Unfit {
        path: "the database".into(),
        why,
    })
}

async fn verified(
    backup: &mut Backup,
    told: Told<'_>,
) -> Result<Result<Verified, Unfit>, StoreError> {
    let older_by = match backup.tables().await? {
        Tables::Ours => 0,
        Tables::Older(changes) => changes,
        Tables::Newer => return Ok(Err(Unfit::Newer)),
        Tables::Foreign => return Ok(Err(Unfit::Foreign)),
    };
    told(Step::Looks);
    let mut damage = backup.damage().await?;
    let mut found = Findings::default();
    // Of pages that are damaged rows may be missing; what can be read is still told.
    let extent = match backup.extent().await {
        Err(error) if error.is_damaged() && !damage.is_empty() => None,
        extent => Some(extent?),
    };
    if let Some((subjects, ..)) = extent {
        match fold(backup, subjects, &mut found, told).await {
            Err(error) if error.is_damaged() => damage.push(error.to_string()),
            folded => folded?,
        }
    }
    let now = clock_by(backup.clock().await?).now();
    let (histories, events, newest) = extent.unwrap_or_default();
    Ok(Ok(Verified {
        bytes: 0,
        checksum: None,
        older_by,
        holds: backup.holds().await?,
        histories,
        events,
        newest: newest.map(instant),
        mails: backup.mails().await?,
        late: backup.late((now - LATE).as_microsecond()).await?,
        damage,
        faulty: found.named,
        faulty_count: found.count,
    }))
}

/// What is wrong, so far.
#[derive(Default)]
struct Findings {
    named: Vec<Faulty>,
    count: usize,
}

async fn fold(
    backup: &mut Backup,
    subjects: i64,
    found: &mut Findings,
    told: Told<'_>,
) -> Result<(), StoreError> {
    let (mut after, mut done) = (0, 0);
    loop {
        told(Step::Folds(done, subjects));
        let histories = backup.histories(after, BATCH).await?;
        let Some(last) = histories.last() else {
            return Ok(());
        };
        after = last.id;
        for history in &histories {
            done += 1;
            let Err(fault) = look(history) else {
                continue;
            };
            found.count += 1;
            if found.named.len() < NAMED_MAX {
                found.named.push(Faulty {
                    id: history.public_id.clone(),
                    name: history.name.clone(),
                    fault,
                });
            }
        }
    }
}

/// Whether a history is whole, gives its snapshot, and says of every mail that it was decided, and of none that is not there.
fn look(history: &History) -> Result<(), Fault> {
    let mut events: Vec<(Timestamp, Event)> = Vec::with_capacity(history.events.len());
    for ((seq, at, payload), expected) in history.events.iter().zip(1..) {
        if *seq != expected {
            return Err(Fault::Missing(expected));
        }
        let event = serde_json::from_str(payload).map_err(|_| Fault::Unreadable(*seq))?;
        events.push((instant(*at), event));
    }
    let there = i64::try_from(events.len()).unwrap_or(i64::MAX);
    if there < history.seq {
        return Err(Fault::Missing(there + 1));
    }
    let snapshot: Subject =
        serde_json::from_str(&history.snapshot).map_err(|_| Fault::NoSnapshot)?;
    let folded = Subject::replay(events.iter().map(|(at, event)| (*at, event)));
    if folded.as_ref() != Some(&snapshot) || there != history.seq {
        return Err(Fault::OtherThanFolded);
    }
    look_at_mail(&snapshot, &events, &history.mails)
}

/// Only messages are decided by an event of their own; invitations and reminders of tasks follow from others.
fn look_at_mail(
    snapshot: &Subject,
    events: &[(Timestamp, Event)],
    mails: &[String],
) -> Result<(), Fault> {
    let decided: BTreeSet<&str> = (events.iter())
        .filter_map(|(_, event)| match event {
            Event::Decided(decision) if decision.fate == Fate::Queued => {
                Some(decision.occurrence.as_str())
            }
            _ => None,
        })
        .filter(|occurrence| is_message(occurrence))
        .collect();
    let there: BTreeSet<&str> = (mails.iter().map(String::as_str))
        .filter(|occurrence| is_message(occurrence))
        .collect();
    if let Some(one) = there.difference(&decided).next() {
        return Err(Fault::NotDecided((*one).to_owned()));
    }
    // A hold's mail goes to its cases, and there may have been none.
    if snapshot.kind == Kind::Case
        && let Some(one) = decided.difference(&there).next()
    {
        return Err(Fault::NoMail((*one).to_owned()));
    }
    Ok(())
}

fn is_message(occurrence: &str) -> bool {
    occurrence.starts_with("message.")
}
