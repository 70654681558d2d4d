//! `tovholder undo`: takes back what somebody led a candidate on by.

use clap::Args;

use super::fire::fired_text;
use super::foresee::tried;
use super::{Answer, Common, Failure};

const EXAMPLES: &str = "\
What was led on by a click on the wrong name, or too early, is taken back: the
candidate stands where they stood, with the days of then, with tasks open and
meetings booked. What is not sent yet is not sent; what has been sent has been,
and is not said again if they are led on anew and it reads the same. Facts
stay: correct them with `tovholder fire CASE facts --set NAME=VALUE`.

Examples:
  tovholder undo anna.birkmose@post.example --dry-run
  tovholder undo anna.birkmose@post.example";

/// Take back what somebody led a candidate on by last, and see what follows.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct UndoArgs {
    /// A candidate: id, beginning of an id or e-mail address.
    #[arg(value_name = "CASE")]
    of: String,
    /// Only show what would come of it.
    #[arg(long)]
    dry_run: bool,
}

impl UndoArgs {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        if self.dry_run {
            return Ok(tried(&desk.if_undone(&self.of).await?));
        }
        let done = desk.undo(&self.of, None).await?;
        Ok(Answer::new(fired_text(&done), &done))
    }
}
