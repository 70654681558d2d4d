//! `tovholder agenda`: what happens next, and why.

use std::fmt::Write as _;

use clap::Args;
use jiff::civil::{Date, Time};

use super::text::{some_names, wrap};
use super::{Answer, Common, Failure, capital};
use crate::calendar::{date_da, week_of};
use crate::engine::subject::Kind;
use crate::runner::desk::{Agenda, AgendaItem, Who};

const EXAMPLES: &str = "\
Examples:
  tovholder agenda                              all holds, four weeks
  tovholder agenda \"Hold 1\" --days 90
  tovholder agenda anna.birkmose@post.example
  tovholder agenda --format json";

/// What happens next and why, of a candidate, a hold, or all holds.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct AgendaArgs {
    /// A hold or a candidate: id, beginning of an id, title or e-mail address.
    #[arg(value_name = "CASE|COHORT")]
    of: Option<String>,
    /// How many days ahead.
    #[arg(long, default_value_t = 28, value_parser = clap::value_parser!(u32).range(0..=3650))]
    days: u32,
}

impl AgendaArgs {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let agendas = common
            .desk()
            .await?
            .agenda(self.of.as_deref(), self.days)
            .await?;
        let text = if agendas.is_empty() {
            "Der er ingen hold endnu. Opret et med: tovholder cohort create\n".to_owned()
        } else {
            agendas.iter().map(whole).collect::<Vec<_>>().join("\n")
        };
        Ok(Answer::new(text, &agendas))
    }
}

fn whole(agenda: &Agenda) -> String {
    let state = agenda
        .state
        .as_ref()
        .map_or_else(String::new, |state| format!(" · {state}"));
    let mut out = wrap(
        "",
        &format!("{} · {}{state}", agenda.title, agenda.workflow),
    );
    out.push_str(&body(agenda));
    if agenda.items.is_empty() {
        let _ = write!(out, "\nIntet til og med {}.\n", date_da(agenda.until));
        match &agenda.later {
            Some(later) => {
                let _ = write!(out, "Det næste:\n{}", days(std::slice::from_ref(later)));
            }
            None => out.push_str("Der er heller ikke planlagt noget senere.\n"),
        }
    }
    out
}

/// The days, what waits and what is stuck.
pub(super) fn body(agenda: &Agenda) -> String {
    let mut out = days(&agenda.items);
    if !agenda.waiting.is_empty() {
        out.push_str("\nVenter\n");
        for waiting in &agenda.waiting {
            out.push_str(&wrap(
                "   ",
                &format!("{} · {}", waiting.what, whose(&waiting.who)),
            ));
            out.push_str(&wrap("     ", &format!("på: {}", waiting.waits_for)));
        }
    }
    out.push_str(&misplaced_text(&agenda.misplaced));
    if !agenda.stuck.is_empty() {
        out.push_str("\nSidder fast\n");
        for stuck in &agenda.stuck {
            out.push_str(&wrap("   ", stuck));
        }
    }
    out
}

/// Meetings that stand where they could not be booked now.
pub(super) fn misplaced_text(misplaced: &[String]) -> String {
    let mut out = String::new();
    if !misplaced.is_empty() {
        out.push_str("\nMøder, som skal flyttes\n");
        for one in misplaced {
            out.push_str(&wrap("   ", one));
        }
    }
    out
}

fn days(items: &[AgendaItem]) -> String {
    let mut out = String::new();
    let mut day: Option<Date> = None;
    for item in items {
        if day != Some(item.day) {
            day = Some(item.day);
            let _ = write!(
                out,
                "\n{}, uge {}\n",
                capital(&date_da(item.day)),
                week_of(item.day).1
            );
        }
        // What counts for a day has no clock time.
        let time = if item.time == Time::midnight() {
            " ".repeat(5)
        } else {
            format!("{:>2}.{:02}", item.time.hour(), item.time.minute())
        };
        let due = if item.is_due { " (sker straks)" } else { "" };
        out.push_str(&wrap(
            &format!("  {time}  "),
            &format!("{}{due} · {}", item.what, whose(&item.who)),
        ));
        out.push_str(&wrap("           ", &item.why));
        if !item.answers.is_empty() {
            out.push_str(&wrap("           ", &item.answers.join("; ")));
        }
    }
    out
}

fn whose(who: &[Who]) -> String {
    let cases: Vec<&str> = who
        .iter()
        .filter(|one| one.kind == Kind::Case)
        .map(|one| one.name.as_str())
        .collect();
    let others: Vec<&str> = who
        .iter()
        .filter(|one| one.kind != Kind::Case)
        .map(|one| one.name.as_str())
        .collect();
    let cases = some_names(&cases);
    others
        .into_iter()
        .chain((!cases.is_empty()).then_some(cases.as_str()))
        .collect::<Vec<_>>()
        .join(", ")
}
