//! `tovholder intake`: fetches what has come in, once. The service does it each minute.

use clap::Args;
use serde_json::json;

use super::{Answer, Common, Failure, log};
use crate::config;
use crate::runner::Runner;
use crate::runner::serve::clock_of;

const EXAMPLES: &str = "\
A letter is marked as read only when it is kept: a Maildir's is moved from new/ to
cur/, and on a server nothing is changed at all. The same letter twice is one.

Examples:
  tovholder intake --intake maildir:/var/mail/retur --mail-from post@college.example
  TOVHOLDER_INTAKE=imaps://retur:password@mail.example/INBOX \\
  TOVHOLDER_MAIL_FROM=post@college.example tovholder intake";

/// Fetch what has come in, once: bounces, answers to invitations, replies.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct IntakeOnce {
    #[command(flatten)]
    intake: config::Intake,
    #[command(flatten)]
    mail: config::Mail,
}

impl IntakeOnce {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        log::begin("warn")?;
        let Some(inbox) = self.intake.inbox()? else {
            return Err(Failure::new(
                "Der er ikke sagt, hvor mail kommer ind.",
                "Angiv det med --intake eller TOVHOLDER_INTAKE: maildir:MAPPE, eller \
                 imaps://BRUGER:KODE@mail.example/INBOX.",
            ));
        };
        let mut settings = self.mail.settings()?;
        self.intake.apply(&mut settings)?;
        // The database must be there: whose mail would it be?
        common.desk().await?;
        let store = common.open().await?;
        let clock = clock_of(&store).await?;
        let runner = Runner::new(store, clock, settings);
        let round = runner.intake_round(&inbox).await.map_err(|error| {
            Failure::new(
                format!("Posten kan ikke hentes: {error}."),
                "Er adressen, brugeren og koden rigtige?",
            )
        })?;
        let text = if round.busy {
            "En anden proces er ved at hente posten.\n".to_owned()
        } else {
            let (new, open, again) = (round.new, round.open, round.again);
            let more = if open > 0 {
                "Se: tovholder today\n"
            } else {
                ""
            };
            format!("Nye: {new}, heraf venter {open} på nogen. Kendte i forvejen: {again}.\n{more}")
        };
        let json =
            json!({"busy": round.busy, "new": round.new, "open": round.open, "again": round.again});
        Ok(Answer::new(text, &json))
    }
}
