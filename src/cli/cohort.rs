//! `tovholder cohort`: creating holds, and how they stand.

use std::fmt::Write as _;

use clap::{ArgGroup, Args, Subcommand};
use jiff::civil::Date;

use super::agenda::misplaced_text;
use super::fire::fired_text;
use super::foresee::tried;
use super::migrate::brings_text;
use super::outbox::mail_line;
use super::text::{Table, wrap};
use super::{Answer, Common, Failure, agenda, files, like, pair};
use crate::calendar::date_da;
use crate::config::Texts;
use crate::engine::subject::Stage;
use crate::runner::desk::{
    CohortCreated, CohortLine, CohortNew, CohortShown, DatesMoved, DaysAsked, Transferred,
    read_date,
};

const TRANSFER: &str = "\
Whoever cannot begin, or begins again, goes on at another hold: what is open
here is withdrawn, the place is given back, and facts, texts and people go
along. The case here stands as moved; notes and files stay with it.

Examples:
  tovholder cohort transfer anna.birkmose@post.example --to \"Hold 2\"
  tovholder cohort transfer anna.birkmose@post.example --to \"Hold 2\" --state nominated";

const CREATE: &str = "\
All dates that the workflow declares under `cohort: dates:` are given. The
people of the hold's roles are those imported for the workflow; --role gives
others.

Examples:
  tovholder cohort create holstebro-introforloeb --title \"Hold 1\" \\
      --date start=2027-02-01
  tovholder cohort create odense-for-forloeb --title \"Hold 7\" \\
      --date start=2027-08-09 --date gf_start=2027-10-04 \\
      --role coordinator=jeppe.loevskal@uddannelse-fjordbyen.example \\
      --set first_day_time=\"Kl. 7.30\"";

const MOVE: &str = "\
What is planned is measured from the new dates; invitations to meetings that
book themselves follow. Meetings that people booked stay where they are, and
those outside their window then are shown. Mails that were sent for the old
dates are listed with their numbers: say the ones again that should be, with
`tovholder outbox again`.

Examples:
  tovholder cohort move \"Hold 1\" --date start=2027-02-08 --dry-run
  tovholder cohort move \"Hold 1\" --date start=2027-02-08";

const PAUSE: &str = "\
A pause lengthens the `lasts` it falls in and skips the slots of what recurs;
what goes on `until` a day ends on that day. Both days are included. A pause
that begins on the same day as one given before replaces it.

Examples:
  tovholder cohort pause \"Hold 1\" --from 2026-12-21 --to 2027-01-01
  tovholder cohort pause anna.birkmose@post.example --from 2027-03-01 --to 2027-03-12
  tovholder cohort pause \"Hold 1\" --from 2026-12-21 --to 2027-01-01 --dry-run
  tovholder cohort pause \"Hold 1\" --lift 2026-12-21";

const EXAMPLES: &str = "\
Examples:
  tovholder cohort list
  tovholder cohort show \"Hold 1\"
  tovholder cohort show 0193a7 --format json
  tovholder cohort move \"Hold 1\" --date start=2027-02-08 --dry-run
  tovholder cohort pause \"Hold 1\" --from 2026-12-21 --to 2027-01-01
  tovholder cohort cancel \"Hold 1\"";

/// Holds: create one, list them, see how one stands; move, pause or cancel it.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Cohort {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Create a hold of a workflow, as the workflow's file stands now.
    #[command(after_help = CREATE)]
    Create {
        /// The workflow: its id or its file.
        workflow: String,
        /// What people call the hold.
        #[arg(long)]
        title: String,
        /// A date of the hold; may be repeated.
        #[arg(long = "date", value_name = "NAME=DATE", value_parser = pair)]
        dates: Vec<(String, String)>,
        /// Who has a role on the hold; may be repeated.
        #[arg(long = "role", value_name = "ROLE=E-MAIL", value_parser = pair)]
        roles: Vec<(String, String)>,
        /// A fact of the hold; may be repeated.
        #[arg(long, value_name = "FACT=VALUE", value_parser = pair)]
        set: Vec<(String, String)>,
        #[command(flatten)]
        texts: Texts,
    },
    /// Create a hold as another one was, on other days.
    #[command(after_help = like::NEW)]
    New {
        /// The hold it is taken from: its id, the beginning of it, or its title.
        #[arg(long, value_name = "HOLD")]
        like: String,
        /// The first day of the new hold.
        #[arg(long, value_name = "DATE", value_parser = date)]
        start: Date,
        /// What people call it; otherwise the old title, counted on.
        #[arg(long)]
        title: Option<String>,
        /// Only show what would be created, and what it would get in the way of.
        #[arg(long)]
        dry_run: bool,
    },
    /// All holds.
    List,
    /// Dates, places, candidates by state, targets, and what happens next.
    Show {
        /// The hold: its id, the beginning of it, or its title.
        #[arg(value_name = "HOLD")]
        of: String,
    },
    /// Move dates of a hold, and see what follows.
    #[command(after_help = MOVE)]
    Move {
        /// The hold: its id, the beginning of it, or its title.
        #[arg(value_name = "HOLD")]
        of: String,
        /// A date and its new day; may be repeated.
        #[arg(long = "date", value_name = "NAME=DATE", value_parser = pair, required = true)]
        dates: Vec<(String, String)>,
        /// Only show what would come of it.
        #[arg(long)]
        dry_run: bool,
    },
    /// Let a hold, or one candidate, stand still for some days.
    #[command(after_help = PAUSE)]
    #[command(group(ArgGroup::new("days").required(true).args(["from", "lift"])))]
    Pause {
        /// A hold or a candidate: id, beginning of an id, title or e-mail address.
        #[arg(value_name = "CASE|COHORT")]
        of: String,
        /// The first day.
        #[arg(long, value_name = "DATE", value_parser = date, requires = "to")]
        from: Option<Date>,
        /// The last day.
        #[arg(long, value_name = "DATE", value_parser = date, requires = "from")]
        to: Option<Date>,
        /// Lift the pause that begins on this day; what has passed of it has been.
        #[arg(long, value_name = "DATE", value_parser = date)]
        lift: Option<Date>,
        /// Only show what would come of it.
        #[arg(long)]
        dry_run: bool,
    },
    /// Let a candidate go on at another hold of the same workflow, with facts and people.
    #[command(after_help = TRANSFER)]
    Transfer {
        /// A candidate: id, beginning of an id or e-mail address.
        #[arg(value_name = "CASE")]
        of: String,
        /// The hold: its id, the beginning of it, or its title.
        #[arg(long, value_name = "HOLD")]
        to: String,
        /// The state they begin in there; otherwise the one they are in.
        #[arg(long, value_name = "STATE")]
        state: Option<String>,
    },
    /// Cancel a hold: its open cases end, its meetings are called off. This cannot be undone.
    Cancel {
        /// The hold: its id, the beginning of it, or its title.
        #[arg(value_name = "HOLD")]
        of: String,
        /// Only show what would come of it.
        #[arg(long)]
        dry_run: bool,
    },
}

fn date(text: &str) -> Result<Date, String> {
    read_date(text).map_err(|_| format!("write a day such as 2027-02-08 instead of {text:?}"))
}

impl Cohort {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        match &self.what {
            What::Create {
                workflow,
                title,
                dates,
                roles,
                set,
                texts,
            } => {
                let files = files::to_publish(texts, workflow)?;
                let desk = common.desk_or_new().await?;
                let version = desk.publish(&files).await?;
                let new = CohortNew {
                    title: title.clone(),
                    dates: dates.clone(),
                    roles: roles.clone(),
                    set: set.clone(),
                    id: None,
                };
                let created = desk.create_cohort(version, &new).await?;
                Ok(Answer::new(created_text(&created), &created))
            }
            What::New {
                like,
                start,
                title,
                dry_run,
            } => {
                let desk = common.desk().await?;
                let proposed = desk.cohort_like(like, *start, title.as_deref()).await?;
                let mut text = like::text(&proposed);
                if *dry_run {
                    text.push_str("\nIntet er gjort: det var en prøve (--dry-run).\n");
                    return Ok(Answer::new(text, &proposed));
                }
                let created = desk
                    .create_cohort(proposed.version_id, &proposed.to_new())
                    .await?;
                text.push('\n');
                text.push_str(&created_text(&created));
                Ok(Answer::new(text, &created))
            }
            What::List => {
                let lines = common.desk().await?.cohorts().await?;
                Ok(Answer::new(list(&lines), &lines))
            }
            What::Show { of } => {
                let shown = common.desk().await?.cohort_shown(of).await?;
                Ok(Answer::new(shown_text(&shown), &shown))
            }
            What::Move { of, dates, dry_run } => {
                let moved = common.desk().await?.move_dates(of, dates, *dry_run).await?;
                Ok(Answer::new(moved_text(&moved), &moved))
            }
            What::Pause {
                of,
                from,
                to,
                lift,
                dry_run,
            } => {
                let days = match (lift, from.zip(*to)) {
                    (Some(first), _) => DaysAsked::Unpause(*first),
                    (None, Some((first, last))) => DaysAsked::Pause(first, last),
                    (None, None) => {
                        return Err(Failure::new("Hvilke dage?", "Giv --from og --to."));
                    }
                };
                do_days(common, of, days, *dry_run).await
            }
            What::Transfer { of, to, state } => {
                let desk = common.desk().await?;
                let done = desk.transfer(of, to, state.as_deref()).await?;
                Ok(Answer::new(transferred_text(&done), &done))
            }
            What::Cancel { of, dry_run } => do_days(common, of, DaysAsked::Cancel, *dry_run).await,
        }
    }
}

async fn do_days(
    common: &Common,
    of: &str,
    days: DaysAsked,
    dry_run: bool,
) -> Result<Answer, Failure> {
    let desk = common.desk().await?;
    if dry_run {
        return Ok(tried(&desk.if_days(of, days).await?));
    }
    let done = desk.do_days(of, days).await?;
    Ok(Answer::new(fired_text(&done), &done))
}

fn transferred_text(done: &Transferred) -> String {
    let said = format!(
        "{} fortsætter på {} i »{}«.",
        done.name, done.hold, done.state
    );
    let mut text = wrap("", &said);
    if !done.next.items.is_empty() {
        text.push_str("\nDet næste\n");
        text.push_str(&agenda::body(&done.next));
    }
    text
}

fn created_text(created: &CohortCreated) -> String {
    let mut out = wrap(
        "",
        &format!(
            "Holdet »{}« er oprettet: {}.",
            created.title, created.workflow
        ),
    );
    out.push('\n');
    out.push_str(&facts(&created.id, &created.dates));
    for note in &created.notes {
        out.push('\n');
        out.push_str(&wrap("Bemærk: ", note));
    }
    out.push_str(&agenda::body(&created.next));
    if created.has_candidates {
        let _ = write!(
            out,
            "\nTag kandidater ind med:\n  tovholder import FIL.csv --cohort {}\n",
            created.id
        );
    }
    out
}

fn moved_text(moved: &DatesMoved) -> String {
    let mut out = wrap("", &moved.title);
    if moved.dates.is_empty() {
        out.push_str("  Datoerne er, som de var; intet er ændret.\n");
        return out;
    }
    let mut table = Table::plain();
    for (title, from, to) in &moved.dates {
        table.row([
            title.clone(),
            format!("{} → {}", date_da(*from), date_da(*to)),
        ]);
    }
    out.push_str(&table.text(2));
    for note in &moved.notes {
        out.push('\n');
        out.push_str(&wrap("Bemærk: ", note));
    }
    if let Some(brings) = &moved.brings {
        out.push('\n');
        out.push_str(&brings_text(brings));
    }
    out.push_str(&misplaced_text(&moved.misplaced));
    if !moved.sent.is_empty() {
        out.push_str("\nSendt efter de gamle datoer\n");
        moved
            .sent
            .iter()
            .for_each(|mail| out.push_str(&mail_line(mail)));
        out.push_str("\nSend dem, der skal ud igen, med: tovholder outbox again NR …\n");
    }
    if moved.is_dry_run {
        out.push_str("\nIntet er gjort: det var en prøve (--dry-run).\n");
    }
    if let Some(next) = moved.next.as_ref().filter(|next| !next.items.is_empty()) {
        out.push_str("\nDet næste\n");
        out.push_str(&agenda::body(next));
    }
    out
}

fn facts(id: &str, dates: &[(String, Date)]) -> String {
    let mut table = Table::plain().whole(1);
    table.row(["Id".to_owned(), id.to_owned()]);
    for (title, date) in dates {
        table.row([title.clone(), date_da(*date)]);
    }
    table.text(2)
}

fn list(lines: &[CohortLine]) -> String {
    if lines.is_empty() {
        return "Der er ingen hold endnu. Opret et med: tovholder cohort create\n".to_owned();
    }
    let mut table = Table::titled(&["Id", "Hold", "Workflow", "Start", "Åbne"])
        .whole(0)
        .whole(3)
        .right(4);
    for line in lines {
        let start = line
            .start
            .as_ref()
            .and_then(|start| start.parse::<Date>().ok());
        let start = start.map_or_else(String::new, |start| {
            start.strftime("%-d.%-m.%y").to_string()
        });
        table.row([
            line.id.clone(),
            line.title.clone(),
            line.workflow.clone(),
            start,
            if line.is_cancelled {
                "aflyst".to_owned()
            } else if line.has_candidates {
                format!("{}/{}", line.open, line.cases)
            } else {
                String::new()
            },
        ]);
    }
    table.text(0)
}

fn places(shown: &CohortShown) -> String {
    match shown.places {
        Some(places) => format!(
            "{} af {places} taget, {} ledige",
            shown.places_taken,
            places as usize - shown.places_taken.min(places as usize)
        ),
        None => format!("{} taget, ingen grænse", shown.places_taken),
    }
}

fn shown_text(shown: &CohortShown) -> String {
    let mut out = wrap("", &format!("{} · {}", shown.title, shown.workflow));
    out.push('\n');
    out.push_str(&facts(&shown.id, &shown.dates));
    let stage = match shown.stage {
        Stage::Planned => "planlagt",
        Stage::Running => "i gang",
        Stage::Ended => "afsluttet",
        Stage::Cancelled => "aflyst",
    };
    let _ = write!(out, "\nStatus   {stage}\n");
    for (first, last) in &shown.pauses {
        out.push_str(&wrap(
            "Pause    ",
            &format!("{} - {}", date_da(*first), date_da(*last)),
        ));
    }
    if shown.has_candidates {
        let _ = writeln!(out, "Pladser  {}", places(shown));
    }
    if !shown.people.is_empty() {
        out.push_str("\nRoller\n");
        let mut table = Table::plain();
        for (role, names) in &shown.people {
            table.row([
                role.clone(),
                if names.is_empty() {
                    "(ingen)".to_owned()
                } else {
                    names.join(", ")
                },
            ]);
        }
        out.push_str(&table.text(2));
    }
    if shown.has_candidates && shown.states.is_empty() {
        out.push_str("\nIngen kandidater endnu.\n");
    }
    for count in &shown.states {
        let _ = write!(out, "\n{} ({})\n", count.title, count.cases.len());
        let mut table = Table::plain().whole(0);
        for (id, name) in &count.cases {
            table.row([id.clone(), name.clone()]);
        }
        out.push_str(&table.text(2));
    }
    if !shown.targets.is_empty() {
        out.push_str("\nMål\n");
    }
    for target in &shown.targets {
        let by = target.deadline.map_or_else(String::new, |day| {
            format!(" inden {}", day.strftime("%-d.%-m.%Y"))
        });
        let line = format!(
            "{} på holdet, {} i alt, mål mindst {}{by}",
            target.on_hold, target.in_all, target.at_least
        );
        out.push_str(&wrap(&format!("  {}: ", target.title), &line));
    }
    if shown.next.items.is_empty() && shown.next.waiting.is_empty() {
        return out;
    }
    out.push_str("\nDet næste\n");
    out.push_str(&agenda::body(&shown.next));
    out
}
