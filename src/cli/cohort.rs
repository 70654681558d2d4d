//! `tovholder cohort`: creating holds, and how they stand.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::text::{Table, wrap};
use super::{Answer, Common, Failure, agenda, files, pair};
use crate::calendar::date_da;
use crate::config::Texts;
use crate::runner::desk::{CohortCreated, CohortLine, CohortNew, CohortShown};

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

const EXAMPLES: &str = "\
Examples:
  tovholder cohort list
  tovholder cohort show \"Hold 1\"
  tovholder cohort show 0193a7 --format json";

/// Holds: create one, list them, see how one stands.
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
    /// All holds.
    List,
    /// Dates, places, candidates by state, targets, and what happens next.
    Show {
        /// The hold: its id, the beginning of it, or its title.
        #[arg(value_name = "HOLD")]
        of: String,
    },
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
                };
                let created = desk.create_cohort(version, &new).await?;
                Ok(Answer::new(created_text(&created), &created))
            }
            What::List => {
                let lines = common.desk().await?.cohorts().await?;
                Ok(Answer::new(list(&lines), &lines))
            }
            What::Show { of } => {
                let shown = common.desk().await?.cohort_shown(of).await?;
                Ok(Answer::new(shown_text(&shown), &shown))
            }
        }
    }
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
    let _ = write!(
        out,
        "\nTag kandidater ind med:\n  tovholder import FIL.csv --cohort {}\n",
        created.id
    );
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
            format!("{}/{}", line.open, line.cases),
        ]);
    }
    table.text(0)
}

fn shown_text(shown: &CohortShown) -> String {
    let mut out = wrap("", &format!("{} · {}", shown.title, shown.workflow));
    out.push('\n');
    out.push_str(&facts(&shown.id, &shown.dates));
    let places = match shown.places {
        Some(places) => format!(
            "{} af {places} taget, {} ledige",
            shown.places_taken,
            places as usize - shown.places_taken.min(places as usize)
        ),
        None => format!("{} taget, ingen grænse", shown.places_taken),
    };
    let _ = write!(out, "\nPladser  {places}\n");
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
    if shown.states.is_empty() {
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
