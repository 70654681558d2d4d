//! `tovholder year`: a year of holds as a list by week, or as a wheel.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::text::{Table, wrap};
use super::{Answer, Common, Failure};
use crate::calendar::{month_da, weekday_da};
use crate::picture::wheel;
use crate::runner::desk::{WeekLineKind, Year, YearWeek};

const EXAMPLES: &str = "\
Phases follow from each hold's dates and its workflow. A hold whose workflow
has a task that adopts it (its name begins with adopt_) is a draft until that
task is done. Clashes are told, never prevented.

Examples:
  tovholder year
  tovholder year 2027 --svg aarshjul-2027.svg
  tovholder year 2027 --svg smal.svg --width 360
  tovholder year 2027 --format json";

/// A year: every hold's phases and meetings by week, holidays and clashes; also as a wheel.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct YearOf {
    /// The year; this one if none is given.
    year: Option<i16>,
    /// Draw the year as a wheel into this file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// How wide the wheel's picture is, in pixels.
    #[arg(long, value_name = "PIXELS", default_value_t = 840, requires = "svg")]
    width: i32,
}

impl YearOf {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        let year = self.year.unwrap_or_else(|| desk.this_year());
        let year = desk.year(year).await?;
        let mut text = text(&year);
        if let Some(path) = &self.svg {
            let shown = path.display().to_string();
            fs::write(path, wheel::svg(&year, self.width)).map_err(|error| {
                Failure::new(
                    format!("Der kan ikke skrives i {shown}: {error}."),
                    "Angiv en anden fil med --svg.",
                )
            })?;
            text.push('\n');
            text.push_str(&wrap("", &format!("Årshjulet er tegnet i {shown}.")));
        }
        Ok(Answer::new(text, &year))
    }
}

fn text(year: &Year) -> String {
    let mut out = format!("{}\n\n", year.year);
    if year.holds.is_empty() {
        out.push_str("Der er ingen hold i året. Opret et med: tovholder cohort create\n\n");
    } else {
        let mut table = Table::titled(&["Hold", "Forløb", "Status", "Fra", "Til"])
            .whole(2)
            .whole(3)
            .whole(4);
        for hold in &year.holds {
            let day = |day: jiff::civil::Date| day.strftime("%-d.%-m.%y").to_string();
            table.row([
                hold.title.clone(),
                hold.workflow_title.clone(),
                hold.stage_words.to_owned(),
                day(hold.first),
                day(hold.last),
            ]);
        }
        out.push_str(&table.text(0));
        out.push('\n');
    }
    if !year.clashes.is_empty() {
        out.push_str("Sammenstød\n");
        for clash in &year.clashes {
            out.push_str(&wrap("  ! ", &clash.words));
        }
        out.push('\n');
    }
    for week in year.weeks.iter().filter(|week| !week.lines.is_empty()) {
        out.push_str(&of_week(week));
    }
    out
}

fn of_week(week: &YearWeek) -> String {
    let (first, last) = (week.first, week.last);
    let month = if first.month() == last.month() {
        String::new()
    } else {
        format!(" {}", month_da(first.month()))
    };
    let mut out = format!(
        "Uge {}, {}.{month} - {}. {}\n",
        week.number,
        first.day(),
        last.day(),
        month_da(last.month())
    );
    for line in &week.lines {
        let day = format!(
            "{} {:>2}.",
            weekday_da(line.day.weekday())
                .chars()
                .take(2)
                .collect::<String>(),
            line.day.day()
        );
        let sign = match line.kind {
            WeekLineKind::Closed => "-",
            WeekLineKind::Clash => "!",
            WeekLineKind::Begins => ">",
            WeekLineKind::Ends => "<",
            WeekLineKind::Date | WeekLineKind::Window | WeekLineKind::Meets => " ",
        };
        out.push_str(&wrap(&format!("  {day} {sign} "), &line.words));
    }
    out
}
