//! `tovholder why`: why a mail was or was not sent.

use clap::Args;

use super::outbox::mail_line;
use super::text::wrap;
use super::{Answer, Common, Failure};

const EXAMPLES: &str = "\
MESSAGE is the key under `messages:` in the workflow, or under `meetings:` to see
what was answered to the invitations. `retention` tells when a case is anonymised,
or what keeps it. A message that stands under
`cohort:` is the hold's, one at the top of the file the workflow's.

Examples:
  tovholder why anna.birkmose@post.example practical_info
  tovholder why anna.birkmose@post.example retention
  tovholder why \"Hold 1\" status
  tovholder why \"Hold 1\" info_meeting
  tovholder why odense-for-forloeb monthly_status";

/// Why a mail was or was not sent: what was decided, what comes, and the mails themselves.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Why {
    /// A candidate, a hold, or a workflow's id.
    #[arg(value_name = "CASE")]
    of: String,
    /// The message's or meeting's key in the workflow.
    message: String,
}

impl Why {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let explained = common
            .desk()
            .await?
            .explain(&self.of, &self.message)
            .await?;
        let said = &explained.explanation;
        let mut text = wrap(
            "",
            &format!(
                "{} · {} ({})",
                explained.name, said.message, said.declared_in
            ),
        );
        text.push_str(&wrap("  ", &said.phrase));
        if !said.decided.is_empty() {
            text.push_str("\nIndtil nu\n");
            for (when, what) in &said.decided {
                text.push_str(&wrap(&format!("  {when}  "), what));
            }
        }
        text.push_str("\nHerefter\n");
        text.push_str(&wrap("  ", &said.next));
        if !explained.mails.is_empty() {
            text.push_str("\nMails\n");
            explained
                .mails
                .iter()
                .for_each(|mail| text.push_str(&mail_line(mail)));
        }
        Ok(Answer::new(text, &explained))
    }
}
