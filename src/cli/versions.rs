//! `tovholder versions` and `tovholder diff`: what has been published, and what is different.

use clap::Args;

use super::text::{Table, wrap};
use super::{Answer, Common, Failure};

const VERSIONS: &str = "\
Examples:
  tovholder versions
  tovholder versions holstebro-introforloeb";

const DIFF: &str = "\
A version is named WORKFLOW@NUMBER; WORKFLOW alone is the one that was published
last.

Examples:
  tovholder diff holstebro-introforloeb@1 holstebro-introforloeb@2
  tovholder diff holstebro-introforloeb@1 holstebro-introforloeb";

/// The published versions of workflows, and the holds that follow them.
#[derive(Args, Debug)]
#[command(after_help = VERSIONS)]
pub(super) struct Versions {
    /// Only of this workflow.
    workflow: Option<String>,
}

/// What is different between two versions of a workflow.
#[derive(Args, Debug)]
#[command(after_help = DIFF)]
pub(super) struct DiffOf {
    /// The older version.
    from: String,
    /// The newer one.
    to: String,
}

impl Versions {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let lines = common
            .desk()
            .await?
            .versions(self.workflow.as_deref())
            .await?;
        let mut table = Table::titled(&["Version", "Udgivet", "Kode", "Hold"])
            .whole(1)
            .whole(2);
        for line in &lines {
            let holds: Vec<&str> = line.holds.iter().map(|(_, title)| title.as_str()).collect();
            table.row([
                format!("{}@{}", line.workflow, line.number),
                line.published.strftime("%-d.%-m.%Y").to_string(),
                line.short_hash().to_owned(),
                holds.join(", "),
            ]);
        }
        let text = if lines.is_empty() {
            "Der er ikke udgivet noget forløb. Udgiv ét med: tovholder publish FORLØB\n".to_owned()
        } else {
            table.text(0)
        };
        Ok(Answer::new(text, &lines))
    }
}

impl DiffOf {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let diff = common.desk().await?.diff(&self.from, &self.to).await?;
        let mut text = format!("{} → {}\n", diff.from, diff.to);
        for change in &diff.changes {
            text.push_str(&wrap("  ", &change.to_string()));
        }
        if diff.changes.is_empty() {
            text.push_str("  De siger det samme.\n");
        }
        Ok(Answer::new(text, &diff))
    }
}
