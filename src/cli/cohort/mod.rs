//! `tovholder cohort`: creating holds, and how they stand.

mod text;

use clap::{ArgGroup, Args, Subcommand};
use jiff::civil::Date;

use self::text::{created_text, list, moved_text, shown_text, transferred_text};
use super::fire::fired_text;
use super::foresee::tried;
use super::{Answer, Common, Failure, files, like, pair};
use crate::config::Texts;
use crate::runner::desk::{CohortNew, DaysAsked, read_date};

const TRANSFER: &str = "\
Whoever cannot begin, or begins again, goes on at another hold: what is open
here is withdrawn, the place is given back, and facts, texts and people go
along. The case here stands as moved; notes and files stay with it.

Examples:
  tovholder cohort transfer anna.birkmose@post.example --to \"Hold 2\" --dry-run
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
        /// Only show what would come of it.
        #[arg(long)]
        dry_run: bool,
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
            What::Transfer {
                of,
                to,
                state,
                dry_run,
            } => {
                let desk = common.desk().await?;
                if *dry_run {
                    let would = desk.if_transferred(of, to, state.as_deref()).await?;
                    return Ok(tried(&would));
                }
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
