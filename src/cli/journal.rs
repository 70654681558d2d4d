//! `tovholder journal`: the journals of a hold's cases, or of one, written into a folder.

use std::path::PathBuf;

use clap::Args;

use super::text::wrap;
use super::{Answer, Common, Failure, folder};

const EXAMPLES: &str = "\
Each case has a folder of its own: journal.html to read, journal.json, its
history as it is stored, its mails and files. Written again, it is written anew.

A workflow with `retention: {…, journal: first}` anonymises no case before its
journal has been written out with all that has happened.

Examples:
  tovholder journal \"Hold 1\" --out journaler
  tovholder journal anna.birkmose@post.example --out journaler";

/// Write the journals of a hold or a case into a folder, for the authority's own archive.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct JournalArgs {
    /// A hold or a case.
    #[arg(value_name = "HOLD|CASE")]
    of: String,
    /// The folder; it is made when there is none.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl JournalArgs {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        let mut done = Vec::new();
        for case in desk.journals_of(&self.of).await? {
            let journal = desk.journal(&case).await?;
            for (path, bytes) in &journal.files {
                folder::write(&self.out.join(path), bytes)?;
            }
            // Only what is on disk is written out.
            done.push(desk.journaled(&journal, "cli").await?);
        }
        let count = match done.len() {
            1 => "1 journal er gemt".to_owned(),
            many => format!("{many} journaler er gemt"),
        };
        let mut text = format!("{count} i {}\n", self.out.display());
        for one in &done {
            text.push_str(&wrap("  ", &format!("{}: {}", one.name, one.folder)));
        }
        Ok(Answer::new(text, &done))
    }
}
