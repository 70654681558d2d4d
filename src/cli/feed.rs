//! `tovholder feed`: calendars at secret addresses.

use clap::{Args, Subcommand};

use super::token::{listed, told, unknown};
use super::{Answer, Common, Failure};
use crate::store::TokenKind;

const EXAMPLES: &str = "\
A calendar program fetches the dates and meetings of holds from a secret
address. There is nobody's name in it. The address is shown once; it is good
until it is revoked, or the account is closed.

Examples:
  tovholder feed new kim@kommune.example --title \"Kims Outlook\"
  tovholder feed new kim@kommune.example --title Outlook --hold \"Hold 1\"
  tovholder feed list
  tovholder feed revoke 0193a7c0";

/// Calendars of holds for calendar programs, at secret addresses.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Feed {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a secret address for an account; it is shown once.
    New {
        /// The address of the account.
        email: String,
        /// What it is for.
        #[arg(long)]
        title: String,
        /// Only this hold.
        #[arg(long)]
        hold: Option<String>,
    },
    /// All of them; never the addresses themselves.
    List,
    /// Revoke one: nothing is there any more at once.
    Revoke {
        /// Its id, or the beginning of it.
        id: String,
    },
}

impl Feed {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        match &self.what {
            What::New { email, title, hold } => {
                let made = desk.new_calendar(email, title, hold.as_deref()).await?;
                let (line, secret) = made;
                let path = format!("/kalender/{}.ics", secret.text());
                let text = format!(
                    "{}Giv kalenderen denne adresse, med tjenestens adresse foran. Den vises kun nu:\n\n  {path}\n",
                    told(&line)
                );
                let json = serde_json::json!({"link": path, "about": line});
                Ok(Answer::new(text, &json))
            }
            What::List => {
                let lines = desk.tokens(TokenKind::Calendar, None).await?;
                let none = "Der er ingen kalendere. Lav en med: tovholder feed new\n";
                Ok(listed(&lines, none))
            }
            What::Revoke { id } => {
                let revoked = desk.revoke_token(TokenKind::Calendar, id, None).await?;
                let line = revoked.ok_or_else(|| unknown(id, "tovholder feed list"))?;
                Ok(Answer::new(told(&line), &line))
            }
        }
    }
}
