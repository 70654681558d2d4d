//! `tovholder backup`: a copy of the database while it is in use.

use std::path::PathBuf;

use clap::Args;

use super::live::Live;
use super::text::wrap;
use super::verified::{Shows, refused, size, summary};
use super::{Answer, Common, Failure};
use crate::config::Place;
use crate::runner::backup::{BackupAsked, BackupMade, To, back_up};

const EXAMPLES: &str = "\
It may be made while `tovholder serve` runs, and holds what was committed when it
began. It is written beside its name, read to its end (every history is folded),
and gets its name when it is whole. Only its owner may read it.

Not in it: mail written with --mail-dir; files of workflows and templates that
were not published (what was, is in it); settings, certificates and DKIM keys.
Keep it as safe as the database: it holds the same people. Who was erased since
is in it until it is removed.

PostgreSQL is backed up by its own programs:
  pg_dump --format=custom --file=tovholder.dump \"$DATABASE_URL\"
or, to any moment, pg_basebackup with an archive of its log.

Examples:
  tovholder backup --to /mnt/backup --keep 14
  tovholder backup --to before-upgrade.db
  TOVHOLDER_BACKUP_TO=/mnt/backup tovholder serve     one a day, by itself
  tovholder restore --verify /mnt/backup/tovholder-2027-02-01T020000.123Z.db";

const SERVER: &str = "\
PostgreSQL tager selv backup, mens tjenesten kører:

  pg_dump --format=custom --file=tovholder.dump \"$DATABASE_URL\"

Læg den tilbage i en ny, tom database, og se efter, at den er hel:

  createdb ny
  pg_restore --no-owner --exit-on-error --dbname=ny tovholder.dump
  tovholder restore --verify postgres://…/ny

Når tjenesten starter på den, ser den, at den er en kopi, og holder alle mails
tilbage, der ikke var sendt. Skal I kunne gå tilbage til ethvert øjeblik, så
brug pg_basebackup med et arkiv af loggen; se docs/drift.md.
";

/// Make a backup of the database, while it is in use.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct BackupArgs {
    /// A folder, in which it gets a name with the moment in it, or a new file that ends in .db; not beside the
    /// database. `TOVHOLDER_BACKUP_TO`.
    #[arg(
        long,
        env = "TOVHOLDER_BACKUP_TO",
        value_name = "FOLDER|FILE",
        hide_env = true
    )]
    to: Option<PathBuf>,
    /// Keep so many of the newest backups of this database in the folder, and remove older ones.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    /// Do not read it when it is written.
    #[arg(long)]
    no_verify: bool,
}

impl BackupArgs {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let database = match &common.database {
            Place::Sqlite(file) => file.clone(),
            Place::Postgres(_) => return Err(Failure::usage(SERVER)),
            Place::Nowhere(why) => return Err(super::nowhere(why)),
        };
        let asked = BackupAsked {
            database,
            to: self.to()?,
            keep: self.keep.map(|keep| keep.try_into().unwrap_or(usize::MAX)),
            verify: !self.no_verify,
        };
        let mut shows = Shows::on(Live::begin());
        let made = back_up(&asked, &mut |step| shows.step(step)).await;
        shows.end();
        let made = made.map_err(refused)?;
        Ok(Answer::new(made_text(&made), &made))
    }

    fn to(&self) -> Result<To, Failure> {
        let Some(to) = &self.to else {
            return Err(Failure::new(
                "Hvor skal backuppen ligge?",
                "Angiv en mappe på en anden disk med --to eller TOVHOLDER_BACKUP_TO.",
            ));
        };
        let is_file = !to.is_dir() && to.extension().is_some_and(|ending| ending == "db");
        if is_file && self.keep.is_some() {
            return Err(Failure::new(
                "--keep hører til en mappe.",
                "Angiv en mappe med --to, eller udelad --keep.",
            ));
        }
        Ok(if is_file {
            To::File(to.clone())
        } else {
            To::Folder(to.clone())
        })
    }
}

fn made_text(made: &BackupMade) -> String {
    let mut text = wrap("Backup  ", &made.file.display().to_string());
    text.push_str(&wrap("        ", &size(made.bytes)));
    match &made.verified {
        Some(verified) => text.push_str(&summary(verified)),
        None => text.push_str("Den er ikke læst efter; gør det med tovholder restore --verify.\n"),
    }
    if !made.removed.is_empty() {
        let removed = match made.removed.len() {
            1 => "Den ældste backup er fjernet.".to_owned(),
            count => format!("De {count} ældste backupper er fjernet."),
        };
        text.push_str(&wrap("", &removed));
    }
    text
}
