//! Where is measured: databases that are made for it, and removed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use super::super::{Failure, live};
use super::child;
use crate::config::Place;
use crate::runner::bench::{Play, Task};
use crate::store::{Scratch, StoreError};

/// A folder, or a server.
#[derive(Debug)]
pub(super) struct Ground {
    place: Where,
    /// No two commands have the same.
    id: String,
    made: Mutex<Vec<Scratch>>,
}

#[derive(Debug)]
enum Where {
    Folder(PathBuf),
    Server(String),
}

impl Ground {
    /// On the server that was named, else in a new folder.
    pub fn new(database: &Place, dir: Option<&Path>) -> Result<Self, Failure> {
        let id = uuid::Uuid::now_v7().simple().to_string();
        let place = match database {
            Place::Postgres(address) => Where::Server(address.clone()),
            Place::Nowhere(why) => return Err(crate::cli::nowhere(why)),
            Place::Sqlite(_) => {
                let below = dir.map_or_else(std::env::temp_dir, Path::to_owned);
                let folder = below.join(format!("tovholder-bench-{id}"));
                std::fs::create_dir_all(&folder).map_err(|error| {
                    let message = format!("Mappen {} kan ikke laves: {error}.", folder.display());
                    Failure::new(message, "Angiv en anden med --dir.")
                })?;
                Where::Folder(folder)
            }
        };
        Ok(Self {
            place,
            id,
            made: Mutex::default(),
        })
    }

    /// What it is called, for people.
    pub fn name(&self) -> &'static str {
        if self.is_server() {
            "PostgreSQL"
        } else {
            "SQLite"
        }
    }

    /// Whether several may write at once.
    pub fn is_server(&self) -> bool {
        matches!(self.place, Where::Server(_))
    }

    /// An empty database.
    pub async fn empty(&self) -> Result<Scratch, Failure> {
        let scratch = self.next();
        scratch.make().await.map_err(|error| self.refused(&error))?;
        Ok(scratch)
    }

    /// A copy of one that nobody has open.
    pub async fn copy(&self, of: &Scratch) -> Result<Scratch, Failure> {
        let scratch = self.next();
        scratch.make_like(of).await?;
        Ok(scratch)
    }

    /// A database with so many cases that are due at one instant.
    pub async fn staged(&self, play: Play, cases: usize) -> Result<Scratch, Failure> {
        let database = self.empty().await?;
        progress(&format!("laver {cases} sager ({})", self.name()));
        let task = Task::Stage {
            database: database.clone(),
            play,
            cases,
        };
        child::run::<i64>(&task).await?;
        Ok(database)
    }

    /// The next name; what has it is removed at the end, however it ends.
    fn next(&self) -> Scratch {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let name = format!("tovholder_bench_{}_{}", self.id, made.len());
        let scratch = match &self.place {
            Where::Folder(folder) => Scratch::File(folder.join(name + ".db")),
            Where::Server(through) => Scratch::Server {
                through: through.clone(),
                name,
            },
        };
        made.push(scratch.clone());
        scratch
    }

    fn refused(&self, error: &StoreError) -> Failure {
        let help = match &self.place {
            Where::Folder(_) => "Angiv en anden mappe med --dir.",
            Where::Server(_) => "Kører serveren, og må brugeren lave databaser (CREATEDB)?",
        };
        Failure::new(
            format!("Der kan ikke laves en database at måle i: {error}."),
            help,
        )
    }

    /// How much room there is on the disk of the folder, where the system tells; not of a server's.
    pub fn free_bytes(&self) -> Option<f64> {
        let Where::Folder(folder) = &self.place else {
            return None;
        };
        let output = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let free: f64 = text
            .lines()
            .nth(1)?
            .split_whitespace()
            .nth(3)?
            .parse()
            .ok()?;
        Some(free * 1024.0)
    }

    /// Removes one that is no longer needed.
    pub async fn remove(&self, scratch: &Scratch) {
        if let Err(error) = scratch.remove().await {
            tracing::warn!(%error, "a database of a measurement is left over");
        }
    }

    /// Removes whatever is left.
    pub async fn clear(&self) {
        let made = std::mem::take(&mut *self.made.lock().unwrap_or_else(PoisonError::into_inner));
        for scratch in made {
            self.remove(&scratch).await;
        }
        if let Where::Folder(folder) = &self.place {
            drop(std::fs::remove_dir_all(folder));
        }
    }
}

/// What is being done, on stderr.
pub(super) fn progress(what: &str) {
    live::say(&format!("  … {what}\n"));
}
