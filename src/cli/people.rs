//! `tovholder people`: organisations and staff with their roles.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Answer, Common, Failure, files};
use crate::config::Texts;
use crate::runner::desk::Sheet;

const EXAMPLES: &str = "\
A list is an Excel workbook (.xlsx) or CSV as Danish Excel saves it. The first
line is the titles:

  organisation;type;organisationsmail;navn;email;telefon;roller

roller lists roles separated by commas, each for one workflow or for all:

  holstebro-introforloeb:coordinator, job_consultant

A line without a name is an organisation alone. A person is known by their
e-mail address: a list that is imported again changes what has changed.

Examples:
  tovholder people import examples/organisationer-og-medarbejdere.csv --dry-run
  tovholder people import examples/organisationer-og-medarbejdere.csv";

/// Organisations (jobcentres, schools, care homes) and staff with their roles.
#[derive(Args, Debug)]
pub(super) struct People {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Take in a list; nothing of it when any line is wrong.
    #[command(after_help = EXAMPLES)]
    Import {
        /// The list.
        file: PathBuf,
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
        /// The sheet of a workbook that the list stands on.
        #[arg(long, value_name = "NAME")]
        sheet: Option<String>,
        #[command(flatten)]
        texts: Texts,
    },
    /// Somebody has another mail address: what was held for the old one leaves.
    Address {
        /// The address as it was.
        old: String,
        /// The new one.
        new: String,
    },
}

impl People {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let (file, dry_run, name, texts) = match &self.what {
            What::Import {
                file,
                dry_run,
                sheet,
                texts,
            } => (file, dry_run, sheet, texts),
            What::Address { old, new } => {
                let changed = common.desk().await?.change_address(old, new).await?;
                let text = format!("{old} er nu {new}. Mail, som blev holdt tilbage, sendes.\n");
                let json = serde_json::json!({"old": old, "new": new, "changed": changed});
                return Ok(Answer::new(text, &json));
            }
        };
        let sheet = sheet(file, name.as_deref())?;
        let workflows = files::workflows(texts);
        let done = common
            .desk_or_new()
            .await?
            .import_people(&sheet, &workflows, *dry_run)
            .await?;
        let count = |n: usize, one: &str, many: &str| {
            if n == 1 {
                format!("1 {one}")
            } else {
                format!("{n} {many}")
            }
        };
        let (organisations, people) = (
            count(done.organisations, "organisation", "organisationer"),
            count(done.people, "person", "personer"),
        );
        let text = if *dry_run {
            format!("Listen er i orden: {organisations} og {people}. Intet er gemt (--dry-run).\n")
        } else {
            format!(
                "{organisations} og {people} er taget ind: {} nye, {} ændret, {} som før.\n",
                done.created, done.updated, done.unchanged
            )
        };
        Ok(Answer::new(text, &done))
    }
}

/// Reads a list from disk, or what comes in when the file is `-`; of a workbook the sheet of a name.
pub(super) fn sheet(file: &Path, name: Option<&str>) -> Result<Sheet, Failure> {
    let read = if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    let bytes = read.map_err(|error| {
        Failure::new(
            format!("{} kan ikke læses: {error}.", file.display()),
            "Er stien rigtig?",
        )
    })?;
    Sheet::read_named(&bytes, name)
        .map_err(|wrongs| crate::runner::desk::DeskError::Wrong(wrongs).into())
}
