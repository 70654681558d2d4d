//! `tovholder account`: who may log in.

use clap::{Args, Subcommand};

use super::{Answer, Common, Failure};
use crate::runner::desk::{AccountAsked, AccountLine};

const EXAMPLES: &str = "\
Roles: admin, coordinator, education_consultant, job_consultant (sees the
candidates of the own jobcentre only), internship_host (those in whose cases
they fill a role), reader (figures, no names).

Whoever gets an account chooses a password by a link, which works once and for
four days. It is shown here, and not sent: give it to the person yourself.

Examples:
  tovholder account open kim@kommune.example --name \"Kim Holm\" --role admin
  tovholder account open bo@jobcenter.example --name \"Bo Lund\" \\
      --role job_consultant --organisation \"Jobcenter Vestby\"
  tovholder account link kim@kommune.example
  tovholder account close kim@kommune.example";

/// Who may log in to the pages.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Account {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Open an account, or give one another role; answers with the link.
    Open {
        /// The mail address, with which they log in.
        email: String,
        /// What they may do.
        #[arg(long)]
        role: String,
        /// The name of somebody who is not known yet.
        #[arg(long)]
        name: Option<String>,
        /// The organisation they belong to, as it is known.
        #[arg(long)]
        organisation: Option<String>,
    },
    /// All accounts.
    List,
    /// A new link for somebody who has forgotten the password.
    Link {
        /// The mail address.
        email: String,
    },
    /// Take the second factor from an account whose phone is gone.
    DropPhone {
        /// The mail address.
        email: String,
    },
    /// Close an account; its sessions end at once.
    Close {
        /// The mail address.
        email: String,
    },
}

impl Account {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        match &self.what {
            What::Open {
                email,
                role,
                name,
                organisation,
            } => {
                let desk = common.desk_or_new().await?;
                let asked = AccountAsked {
                    email: email.clone(),
                    role: role.clone(),
                    name: name.clone(),
                    organisation: organisation.clone(),
                };
                let (line, secret) = desk.open_account(&asked).await?;
                Ok(linked(&line, &secret.text()))
            }
            What::Link { email } => {
                let (line, secret) = common.desk().await?.new_link(email).await?;
                Ok(linked(&line, &secret.text()))
            }
            What::List => {
                let lines = common.desk().await?.accounts().await?;
                let mut text: String = lines.iter().map(told).collect();
                if lines.is_empty() {
                    text =
                        "Der er ingen konti. Åbn den første med: tovholder account open\n".into();
                }
                Ok(Answer::new(text, &lines))
            }
            What::DropPhone { email } => {
                let line = common.desk().await?.drop_second(email).await?;
                let text = format!("{} logger nu ind uden kode fra telefonen.\n", line.login);
                Ok(Answer::new(text, &line))
            }
            What::Close { email } => {
                let line = common.desk().await?.close_account(email).await?;
                Ok(Answer::new(format!("{} er lukket.\n", line.login), &line))
            }
        }
    }
}

fn told(line: &AccountLine) -> String {
    let phone = if line.has_second {
        ", kode fra telefon"
    } else {
        ""
    };
    format!(
        "{} <{}>\n  {} · {}{phone}\n",
        line.name, line.login, line.title, line.stands
    )
}

/// The link is a path: where pages are answered is the service's setting.
fn linked(line: &AccountLine, secret: &str) -> Answer {
    let path = format!("/velkommen/{secret}");
    let text = format!(
        "{}Giv personen dette link, med tjenestens adresse foran. Det virker én gang og i\nfire dage:\n\n  {path}\n",
        told(line)
    );
    Answer::new(text, &serde_json::json!({"account": line, "link": path}))
}
