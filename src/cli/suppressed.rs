//! `tovholder suppressed`: who wants no more announcements.

use clap::{Args, Subcommand};
use serde_json::json;

use super::text::Table;
use super::{Answer, Common, Failure, pace};

const EXAMPLES: &str = "\
A reader of an announcement (a message with `announcement: yes`) unsubscribes by
the link in it. Mail about one's own candidates is not concerned.

Examples:
  tovholder suppressed list
  tovholder suppressed add jrs-bliv-klar-til-sosu kim@kommune.example
  tovholder suppressed remove kim@kommune.example";

/// Who has unsubscribed from announcements.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Suppressed {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// All of them.
    List,
    /// Send no more announcements of a workflow to an address: somebody has asked for it.
    Add {
        /// The workflow's name.
        workflow: String,
        /// The mail address.
        address: String,
    },
    /// Send them again: somebody has asked for it.
    Remove {
        /// The mail address.
        address: String,
        /// Only those of this workflow.
        #[arg(long, value_name = "NAME")]
        workflow: Option<String>,
    },
}

impl Suppressed {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        match &self.what {
            What::List => {
                let all = desk.suppressions().await?;
                let mut table = Table::titled(&["Adresse", "Forløb", "Frameldt"]);
                for one in &all {
                    let since = pace::local(one.since)?.strftime("%d.%m.%Y").to_string();
                    table.row([one.address.clone(), one.workflow.clone(), since]);
                }
                let text = if all.is_empty() {
                    "Ingen har frameldt sig.\n".to_owned()
                } else {
                    table.text(2)
                };
                Ok(Answer::new(text, &all))
            }
            What::Add { workflow, address } => {
                let new = desk.suppress(workflow, address).await?;
                let text = if new {
                    format!("{address} får ikke flere nyheder om {workflow}.\n")
                } else {
                    format!("{address} var frameldt i forvejen.\n")
                };
                Ok(Answer::new(text, &json!({"new": new})))
            }
            What::Remove { address, workflow } => {
                desk.unsuppress(workflow.as_deref(), address).await?;
                let text = format!("{address} får nyheder igen.\n");
                Ok(Answer::new(text, &json!({"removed": true})))
            }
        }
    }
}
