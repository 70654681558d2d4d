//! `tovholder import`: candidates onto a hold.

use std::path::PathBuf;

use clap::Args;

use super::{Answer, Common, Failure, people};

const EXAMPLES: &str = "\
The first line of the file is the titles, as Danish Excel saves them (CSV, `;`):

  navn;email;telefon;foedselsdato;jobcenter;rolle:job_consultant;fakta:track

navn and email are needed, the others are not. rolle:ROLE holds the e-mail
address of somebody who is imported already, fakta:FACT a fact of the workflow.
Dates are 1987-04-12 or 12-04-1987. A CPR number is refused wherever it stands.
All that is wrong is said at once, and then nothing of the file is taken.

Examples:
  tovholder import examples/holstebro-kandidater.csv --cohort \"Hold 1\" --dry-run
  tovholder import examples/holstebro-kandidater.csv --cohort 0193a7";

/// Take candidates from a list onto a hold; none of them when any line is wrong.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Import {
    /// The list.
    file: PathBuf,
    /// The hold: its id, the beginning of it, or its title.
    #[arg(long, value_name = "HOLD")]
    cohort: String,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
}

impl Import {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        let sheet = people::sheet(&self.file)?;
        let done = desk
            .import_candidates(&self.cohort, &sheet, self.dry_run)
            .await?;
        let many = done.candidates.len();
        let who = if many == 1 {
            "1 kandidat".to_owned()
        } else {
            format!("{many} kandidater")
        };
        let text = if self.dry_run {
            format!(
                "Listen er i orden: {who} til »{}«. Intet er gemt (--dry-run).\n",
                done.title
            )
        } else {
            format!(
                "{who} er taget ind på »{}« og begynder i »{}«.\nSe, hvad der nu sker: tovholder agenda {}\n",
                done.title, done.begins_in, done.cohort
            )
        };
        Ok(Answer::new(text, &done))
    }
}
