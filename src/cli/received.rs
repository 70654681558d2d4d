//! `tovholder received`: what has come in, and what was done about it.

use clap::{Args, Subcommand};
use serde_json::json;

use super::text::{Table, visible_lines, wrap};
use super::{Answer, Common, Failure, capital};
use crate::runner::desk::{ReceivedLine, ReceivedText};

const EXAMPLES: &str = "\
Examples:
  tovholder received list --open               what waits for somebody
  tovholder received list anna.birkmose@post.example
  tovholder received show 3
  tovholder received done 3
  tovholder received addresses                 addresses that take no mail
  tovholder received works anna.birkmose@post.example";

/// What has come in: mail that came back, answers to invitations, words of people.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Received {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The newest first.
    List {
        /// Only of a candidate or a hold.
        #[arg(value_name = "CASE|COHORT")]
        of: Option<String>,
        /// Only what waits for somebody.
        #[arg(long)]
        open: bool,
        /// At most so many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
    },
    /// What one says.
    Show {
        /// Its number.
        id: i64,
    },
    /// Somebody has seen to it.
    Done {
        /// Its number.
        id: i64,
    },
    /// Addresses that take no mail: mail to them is held.
    Addresses,
    /// An address works after all: mail that was held for it leaves.
    Works {
        /// The address.
        address: String,
    },
}

impl Received {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        match &self.what {
            What::List { of, open, limit } => {
                let lines = desk.received(of.as_deref(), *open, *limit).await?;
                Ok(Answer::new(list(&lines), &lines))
            }
            What::Show { id } => {
                let one = desk.received_text(*id).await?;
                Ok(Answer::new(shown(&one), &one))
            }
            What::Done { id } => {
                let one = desk.received_done(*id).await?;
                Ok(Answer::new(format!("Nr. {id} er klaret.\n"), &one))
            }
            What::Addresses => {
                let rows = desk.bad_addresses().await?;
                let mut table = Table::titled(&["Adresse", "Kode"]).whole(0);
                for row in &rows {
                    table.row([row.address.clone(), row.why.clone()]);
                }
                let text = if rows.is_empty() {
                    "Alle adresser tager imod mail, så vidt vides.\n".to_owned()
                } else {
                    table.text(0)
                };
                let rows: Vec<_> = rows
                    .iter()
                    .map(|row| json!({"address": row.address, "state": row.state, "why": row.why}))
                    .collect();
                Ok(Answer::new(text, &rows))
            }
            What::Works { address } => {
                desk.address_works(address).await?;
                let text = format!("Mail sendes igen til {address}.\n");
                Ok(Answer::new(text, &json!({"address": address})))
            }
        }
    }
}

fn list(lines: &[ReceivedLine]) -> String {
    if lines.is_empty() {
        return "Der er ikke kommet noget.\n".to_owned();
    }
    let mut table = Table::titled(&["Nr.", "Tid", "Fra eller til", "Hvad", "Om"])
        .whole(0)
        .whole(1)
        .right(0);
    for line in lines {
        table.row([
            line.id.to_string(),
            line.local.strftime("%d.%m.%Y %H.%M").to_string(),
            line.who.clone().unwrap_or_default(),
            line.what.clone(),
            line.case.clone().unwrap_or_default(),
        ]);
    }
    let mut out = table.text(0);
    if lines.iter().any(|line| line.is_open) {
        out.push_str("\nSe, hvad der venter på nogen, med: tovholder today\n");
    }
    out
}

fn shown(one: &ReceivedText) -> String {
    let line = &one.line;
    let time = line.local.strftime("%d.%m.%Y kl. %H.%M");
    let mut out = wrap("Nr.     ", &format!("{} · {time}", line.id));
    out.push_str(&wrap("Hvad    ", &capital(&line.what)));
    for (title, value) in [
        (
            if line.kind == "bounce" {
                "Til     "
            } else {
                "Fra     "
            },
            &line.who,
        ),
        ("Emne    ", &line.subject),
        ("Om      ", &line.case),
        ("Server  ", &one.words),
        ("Note    ", &one.note),
    ] {
        if let Some(value) = value {
            out.push_str(&wrap(title, value));
        }
    }
    if let Some(mail) = line.mail {
        out.push_str(&wrap("Mail    ", &format!("tovholder outbox show {mail}")));
    }
    if let Some(text) = &one.text {
        out.push('\n');
        out.push_str(&visible_lines(text));
        out.push('\n');
    }
    out
}
