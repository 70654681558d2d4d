//! `tovholder token`: what programs show instead of a password.

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::{Answer, Common, Failure};
use crate::runner::desk::{TokenAsked, TokenLine, Wrong};
use crate::store::TokenKind;

const EXAMPLES: &str = "\
A token belongs to an account and may do what that account may, within its
scopes: read, act (say what has happened), mail (steer mail), manage (make
holds, take in candidates). Open an account of its own for each program. The
token is shown once; only its hash is kept.

Examples:
  tovholder token new fag@kommune.example --title Fagsystemet --scope read
  tovholder token list
  tovholder token revoke 0193a7c0
  curl -H \"Authorization: Bearer tov_...\" https://tov.example/api/v1/me";

/// Tokens for programs that use the HTTP API.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct TokenArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a token for an account; it is shown once.
    New {
        /// The address of the account.
        email: String,
        /// What it is for.
        #[arg(long)]
        title: String,
        /// What it may do: read, act, mail or manage; may be given several times.
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        /// How many days it lasts, at most 730.
        #[arg(long, default_value_t = 365)]
        days: u32,
    },
    /// All tokens; never the tokens themselves.
    List,
    /// Revoke a token: it is good for nothing at once.
    Revoke {
        /// Its id, or the beginning of it.
        id: String,
    },
}

impl TokenArgs {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        match &self.what {
            What::New {
                email,
                title,
                scopes,
                days,
            } => {
                let asked = TokenAsked {
                    email: email.clone(),
                    title: title.clone(),
                    scopes: scopes.clone(),
                    days: *days,
                };
                let (line, token) = desk.new_token(&asked).await?;
                let text = format!(
                    "{}Giv programmet denne nøgle. Den vises kun nu:\n\n  {token}\n",
                    told(&line)
                );
                let json = serde_json::json!({"token": token, "about": line});
                Ok(Answer::new(text, &json))
            }
            What::List => {
                let lines = desk.tokens(TokenKind::Api, None).await?;
                Ok(listed(
                    &lines,
                    "Der er ingen nøgler. Lav en med: tovholder token new\n",
                ))
            }
            What::Revoke { id } => {
                let revoked = desk.revoke_token(TokenKind::Api, id, None).await?;
                let line = revoked.ok_or_else(|| unknown(id, "tovholder token list"))?;
                Ok(Answer::new(told(&line), &line))
            }
        }
    }
}

/// Tokens or addresses in a list.
pub(super) fn listed(lines: &[TokenLine], none: &str) -> Answer {
    let mut text: String = lines.iter().map(told).collect();
    if lines.is_empty() {
        none.clone_into(&mut text);
    }
    Answer::new(text, &lines)
}

/// Nothing has an id that begins so, or several do.
pub(super) fn unknown(id: &str, list: &str) -> Wrong {
    let wrong = Wrong::new(format!("Intet, eller mere end ét, begynder med »{id}«."));
    wrong.help(format!("Se dem med: {list}"))
}

/// A token or an address in words.
pub(super) fn told(line: &TokenLine) -> String {
    let day = |at: Timestamp| at.strftime("%-d.%-m.%Y").to_string();
    let mut stands: Vec<String> = Vec::new();
    if !line.scopes.is_empty() {
        stands.push(line.scopes.join(", "));
    }
    match (line.revoked, line.ends) {
        (Some(at), _) => stands.push(format!("tilbagekaldt {}", day(at))),
        (None, Some(at)) => stands.push(format!("gælder til {}", day(at))),
        (None, None) => stands.push("gælder, til den tilbagekaldes".to_owned()),
    }
    stands.push(line.used.map_or_else(
        || "aldrig brugt".to_owned(),
        |at| format!("sidst brugt {}", day(at)),
    ));
    let (title, login, id) = (&line.title, &line.login, &line.id);
    format!("{title} ({login})\n  {id}\n  {}\n", stands.join(" · "))
}
