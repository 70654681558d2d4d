//! `tovholder hook`: other programs that are told what happens.

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::token::unknown;
use super::{Answer, Common, Failure};
use crate::config::{BadHooks, Hooks};
use crate::runner::HOOK_EVENTS;
use crate::runner::desk::{HookAsked, HookLine};

const EXAMPLES: &str = "\
A hook is an address of another program, which the service sends a signed
message (Standard Webhooks) when something happens: ids, keys and instants,
nobody's name. What is not taken is sent again, for about a day; the webhook-id stays
the same. See docs/api.md.

Examples:
  tovholder hook new https://fag.example/tovholder --title Fagsystemet
  tovholder hook new https://fag.example/t --title Fag --event case.moved
  tovholder hook list
  tovholder hook retry 0193a7c0
  tovholder hook revoke 0193a7c0";

/// Other programs that are told what happens.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct HookArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Tell an address from now on; what messages are signed with is shown once.
    New {
        /// The address, https.
        url: String,
        /// What it is for.
        #[arg(long)]
        title: String,
        /// What it is told, such as case.moved; may be given several times. Without it everything.
        #[arg(long = "event", value_name = "EVENT", value_parser = HOOK_EVENTS)]
        events: Vec<String>,
        #[command(flatten)]
        hooks: Hooks,
    },
    /// All hooks, and how they go.
    List,
    /// Try again, once, what was given up.
    Retry {
        /// Its id, or the beginning of it.
        id: String,
    },
    /// Tell it nothing any more; what it was still to be told is dropped.
    Revoke {
        /// Its id, or the beginning of it.
        id: String,
    },
}

impl HookArgs {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        let named = |id: &str, line: Option<HookLine>| match line {
            Some(line) => Ok(Answer::new(told(&line), &line)),
            None => Err(Failure::from(unknown(id, "tovholder hook list"))),
        };
        match &self.what {
            What::New {
                url,
                title,
                events,
                hooks,
            } => {
                let asked = HookAsked {
                    url: url.clone(),
                    title: title.clone(),
                    events: events.clone(),
                    id: None,
                };
                let (line, secret) = desk.new_hook(&asked, &hooks.rules()?, "tovholder").await?;
                let text = format!(
                    "{}Giv programmet denne nøgle, som beskederne er underskrevet med. Den vises kun nu:\n\n  {secret}\n",
                    told(&line)
                );
                let json = serde_json::json!({"secret": secret, "about": line});
                Ok(Answer::new(text, &json))
            }
            What::List => {
                let lines = desk.hooks().await?;
                let mut text: String = lines.iter().map(told).collect();
                if lines.is_empty() {
                    "Ingen andre programmer får besked. Lad et få det med: tovholder hook new\n"
                        .clone_into(&mut text);
                }
                Ok(Answer::new(text, &lines))
            }
            What::Retry { id } => named(id, desk.retry_hook(id).await?),
            What::Revoke { id } => named(id, desk.revoke_hook(id).await?),
        }
    }
}

impl From<BadHooks> for Failure {
    fn from(bad: BadHooks) -> Self {
        Self::new(
            format!("Reglerne for webhooks kan ikke bruges: {bad}."),
            "Ret dem, og prøv igen.",
        )
    }
}

/// A hook in words.
fn told(line: &HookLine) -> String {
    let day = |at: Timestamp| at.strftime("%-d.%-m.%Y").to_string();
    let mut stands: Vec<String> = Vec::new();
    match (line.revoked, line.revoked_why.as_deref()) {
        (Some(at), Some("gone")) => {
            stands.push(format!("programmet ville ikke mere (410) {}", day(at)));
        }
        (Some(at), _) => stands.push(format!("tilbagekaldt {}", day(at))),
        (None, _) => stands.push(line.delivered.map_or_else(
            || "intet leveret endnu".to_owned(),
            |at| format!("sidst leveret {}", day(at)),
        )),
    }
    if line.waiting > 0 {
        stands.push(format!("{} venter", line.waiting));
    }
    if line.failed > 0 {
        stands.push(format!("{} opgivet", line.failed));
    }
    stands.extend(line.answer.clone());
    let (title, url, id, events) = (&line.title, &line.url, &line.id, line.events.join(", "));
    format!(
        "{title} ({url})\n  {id}\n  {events}\n  {}\n",
        stands.join(" · ")
    )
}
