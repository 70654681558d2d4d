//! `tovholder fire`: something happened to a candidate or a hold.

use std::fmt::Write as _;

use clap::Args;
use jiff::civil::DateTime;

use super::agenda::misplaced_text;
use super::answer::possibilities;
use super::foresee::tried;
use super::outbox::mail_line;
use super::text::{some_names, wrap};
use super::{Answer, Common, Failure, pair};
use crate::runner::desk::{Fire, Fired, read_moment};

const EXAMPLES: &str = "\
EVENT is an event of the workflow, or what happened to a task or meeting:

  TASK.done  TASK.skipped  TASK.reopened
  MEETING.booked --at WHEN  MEETING.held  MEETING.no_show  MEETING.cancelled
  facts      only record --set, or give roles with --assign

On a hold, the tasks and meetings are the hold's. A hold's MEETING.held means
that all it is about came, but for those named with --absent.

Examples:
  tovholder fire anna.birkmose@post.example accept --set wage_scheme=voksenelev
  tovholder fire anna.birkmose@post.example career_conversation.booked \\
      --at 2027-03-11T13:00 --place \"Lokale 2\"
  tovholder fire anna.birkmose@post.example career_conversation.booked \\
      --at 2027-03-12T13:00 --dry-run
  tovholder fire anna.birkmose@post.example find_host.done \\
      --assign internship_host=gyda.ravnsoe@boegely.example
  tovholder fire \"Hold 1\" facts --set first_day_time=\"Kl. 8.00\"
  tovholder fire \"Hold 2\" info_meeting.held --absent alma.vestersoe@post.example";

/// Say what happened to a candidate or a hold, and see what follows.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct FireArgs {
    /// A candidate or a hold: id, beginning of an id, e-mail address or title.
    #[arg(value_name = "CASE|COHORT")]
    of: String,
    /// What happened; without it, what is possible is listed.
    event: Option<String>,
    /// A fact to record with it; may be repeated.
    #[arg(long, value_name = "FACT=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// The role to act in; without it, you act as the operator, who may do everything.
    #[arg(long = "as", value_name = "ROLE")]
    role: Option<String>,
    /// Why the condition of an event is passed though it does not hold.
    #[arg(long, value_name = "TEXT")]
    override_reason: Option<String>,
    /// It is another one than what was recorded earlier that day.
    #[arg(long)]
    another: bool,
    /// A meeting's start, local time.
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    at: Option<DateTime>,
    /// A meeting's place.
    #[arg(long, value_name = "TEXT")]
    place: Option<String>,
    /// Somebody who fills a role; may be repeated.
    #[arg(long, value_name = "ROLE=E-MAIL", value_parser = pair)]
    assign: Vec<(String, String)>,
    /// A candidate who did not come to the hold's meeting; may be repeated.
    #[arg(long, value_name = "CASE")]
    absent: Vec<String>,
    /// Only show what would come of it, for the whole hold.
    #[arg(long, requires = "event")]
    dry_run: bool,
    /// The same key twice is taken once: for scripts that may try again.
    #[arg(long)]
    key: Option<String>,
}

fn moment(text: &str) -> Result<DateTime, String> {
    read_moment(text).map_err(|_| {
        format!("write a day and a time, such as 2027-03-11T13:00, instead of {text:?}")
    })
}

impl FireArgs {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        let Some(event) = &self.event else {
            let possible = desk.possible(&self.of).await?;
            let text = possibilities("Muligt nu", &possible);
            let text = if text.is_empty() {
                "Intet er muligt nu.\n"
            } else {
                text.trim_start()
            };
            return Ok(Answer::new(text, &possible));
        };
        let said = Fire {
            of: self.of.clone(),
            event: event.clone(),
            set: self.set.clone(),
            role: self.role.clone(),
            from: None,
            override_reason: self.override_reason.clone(),
            another: self.another,
            at: self.at,
            place: self.place.clone(),
            assign: self.assign.clone(),
            absent: self.absent.clone(),
            key: self.key.clone(),
            expect: None,
        };
        if self.dry_run {
            return Ok(tried(&desk.if_fired(&said).await?));
        }
        let fired = desk.fire(&said).await?;
        Ok(Answer::new(fired_text(&fired), &fired))
    }
}

pub(super) fn fired_text(fired: &Fired) -> String {
    let mut out = wrap("", &fired.name);
    if fired.repeated {
        out.push_str("  Det er noteret før med samme nøgle; intet er gjort igen.\n");
    } else if fired.events.is_empty() {
        out.push_str("  Intet er ændret.\n");
    }
    fired
        .events
        .iter()
        .for_each(|event| out.push_str(&wrap("  ", event)));
    for mail in &fired.mails {
        out.push_str(&mail_line(mail).replacen("  ", "  Mail ", 1));
    }
    out.push_str(&misplaced_text(&fired.misplaced));
    if let Some((_, title)) = &fired.state {
        let _ = write!(out, "\nNu i »{title}«.\n");
    }
    if !fired.states.is_empty() {
        out.push_str("\nKandidaterne nu:\n");
        for count in &fired.states {
            let names: Vec<&str> = count.cases.iter().map(|(_, name)| name.as_str()).collect();
            out.push_str(&wrap(
                &format!("  {}: ", count.title),
                &format!("{} ({})", count.cases.len(), some_names(&names)),
            ));
        }
    }
    out.push_str(&possibilities("Muligt nu", &fired.possible));
    out
}
