//! `tovholder numbers`: the funnel, the targets and how courses ended, and whom each count counts.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;

use super::text::{Table, wrap};
use super::{Answer, Common, Failure, files};
use crate::runner::desk::{
    COUNTS, Count, CountFilter, Counted, CountedCases, Numbers, NumbersAsked, PartCount, read_date,
    table_of_cases, table_of_numbers, xlsx,
};

const EXAMPLES: &str = "\
Who went on to another hold is counted there; a target counts whoever reached
it, on whatever hold. The words in the last column are what --show takes.

Examples:
  tovholder numbers
  tovholder numbers jrs-bliv-klar-til-sosu --from 2027-01-01 --to 2027-12-31
  tovholder numbers --hold \"Hold 1\"
  tovholder numbers holstebro-introforloeb --show came:recruited
  tovholder numbers holstebro-introforloeb --csv tal.csv";

/// The widest bar.
const BAR: u32 = 20;
/// Candidates on a page.
const PAGE: usize = 100;

/// Numbers: how many came how far, targets, outcomes, by hold and by jobcentre.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct NumbersOf {
    /// The workflow, by its id; all if none is given.
    #[arg(conflicts_with = "hold")]
    workflow: Option<String>,
    /// One hold: its id, the beginning of it, or its title.
    #[arg(long)]
    hold: Option<String>,
    /// Only holds that begin on this day or later.
    #[arg(long, value_name = "DATE", value_parser = date)]
    from: Option<Date>,
    /// Only holds that begin on this day or earlier.
    #[arg(long, value_name = "DATE", value_parser = date)]
    to: Option<Date>,
    /// List whom a count counts.
    #[arg(long, value_name = "COUNT")]
    show: Option<Counted>,
    /// The page of that list that begins behind here.
    #[arg(long, value_name = "NEXT", requires = "show")]
    after: Option<String>,
    /// Write it into this file, for Excel: a workbook when it ends in .xlsx.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

fn date(text: &str) -> Result<Date, String> {
    read_date(text).map_err(|_| format!("write a day such as 2027-02-08 instead of {text:?}"))
}

impl NumbersOf {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        let asked = NumbersAsked {
            workflow: self.workflow.clone(),
            hold: self.hold.clone(),
            from: self.from,
            to: self.to,
        };
        let numbers = desk.numbers(&asked).await?;
        let Some(what) = &self.show else {
            if let Some(path) = &self.csv {
                write(path, &table_of_numbers(&numbers))?;
            }
            return Ok(Answer::new(text(&numbers), &numbers));
        };
        let [one] = &numbers[..] else {
            return Err(Failure::new(
                "--show viser kandidaterne i ét forløb ad gangen.",
                "Skriv forløbets id eller --hold HOLD.",
            ));
        };
        let filter = CountFilter {
            what: what.clone(),
            ..one.cases.filter.clone()
        };
        let page = (self.after.as_deref(), PAGE);
        let listed = desk.candidates_of(&filter, page).await?;
        if let Some(path) = &self.csv {
            let mut all = listed.clone();
            while let Some(next) = all.next.take() {
                let more = desk.candidates_of(&filter, (Some(&next), PAGE)).await?;
                all.cases.extend(more.cases);
                all.next = more.next;
            }
            write(path, &table_of_cases(&all.cases))?;
        }
        Ok(Answer::new(listed_text(&listed, what), &listed))
    }
}

/// As a workbook when the file is to be called one.
fn write(path: &Path, table: &xlsx::Table) -> Result<(), Failure> {
    let shown = path.display().to_string();
    let is_workbook = files::is_one_of(path, &["xlsx"]);
    let bytes = if is_workbook {
        xlsx::workbook(std::slice::from_ref(table))
    } else {
        xlsx::csv(table)
    };
    fs::write(path, bytes).map_err(|error| {
        Failure::new(
            format!("Der kan ikke skrives i {shown}: {error}."),
            "Angiv en anden fil med --csv.",
        )
    })
}

fn text(numbers: &[Numbers]) -> String {
    if numbers.is_empty() {
        return "Der er ingen hold at tælle.\n".to_owned();
    }
    let all: Vec<String> = numbers.iter().map(one).collect();
    all.join("\n")
}

fn one(numbers: &Numbers) -> String {
    let mut out = wrap("", &format!("{} ({})", numbers.title, numbers.workflow));
    let _ = writeln!(
        out,
        "{} hold, {} kandidater",
        numbers.holds, numbers.cases.count
    );
    if numbers.cases.count == 0 {
        return out;
    }
    out.push_str("\nSå langt er de kommet\n");
    let most = numbers
        .funnel
        .iter()
        .map(|step| step.count.count)
        .max()
        .unwrap_or(0)
        .max(1);
    let mut table = Table::plain().right(1).right(2).whole(3).whole(4);
    for step in &numbers.funnel {
        let count = step.count.count;
        let bar = u32::from(count > 0).max((count * BAR + most / 2) / most);
        table.row([
            step.title.clone(),
            count.to_string(),
            step.share
                .map_or_else(String::new, |share| format!("{share} %")),
            "█".repeat(bar.min(BAR) as usize),
            key(&step.count),
        ]);
    }
    out.push_str(&table.text(2));
    if !numbers.targets.is_empty() {
        out.push_str("\nMål\n");
    }
    for target in &numbers.targets {
        let by = target.deadline.map_or_else(String::new, |day| {
            day.strftime(" inden %-d.%-m.%Y").to_string()
        });
        let line = format!(
            "{} af mindst {}{by} ({} %), talt over {} kandidater · {}",
            target.count.count,
            target.at_least,
            target.percent,
            target.of,
            key(&target.count)
        );
        out.push_str(&wrap(&format!("  {}: ", target.title), &line));
    }
    out.push_str("\nSådan er det gået\n");
    let mut table = Table::plain().right(1).whole(2);
    for outcome in numbers
        .outcomes
        .iter()
        .filter(|outcome| outcome.count.count > 0)
    {
        table.row([
            outcome.title.clone(),
            outcome.count.count.to_string(),
            key(&outcome.count),
        ]);
    }
    out.push_str(&table.text(2));
    out.push_str(&parts("Hold", &numbers.by_hold));
    out.push_str(&parts("Jobcenter", &numbers.by_jobcentre));
    out
}

fn key(count: &Count) -> String {
    count.filter.what.to_string()
}

fn parts(title: &str, parts: &[PartCount]) -> String {
    let titles: Vec<&str> = std::iter::once(title)
        .chain(COUNTS.map(|(danish, _)| danish))
        .collect();
    let mut table = Table::titled(&titles);
    for column in 1..titles.len() {
        table = table.right(column).whole(column);
    }
    for part in parts {
        let counts = part.counts().map(|count| count.count.to_string());
        table.row(std::iter::once(part.title.clone()).chain(counts));
    }
    format!("\n{}", table.text(0))
}

fn listed_text(listed: &CountedCases, what: &Counted) -> String {
    let mut out = match listed.count {
        1 => format!("1 kandidat ({what})\n\n"),
        count => format!("{count} kandidater ({what})\n\n"),
    };
    let mut table = Table::plain().whole(0);
    for case in &listed.cases {
        table.row([
            case.id.clone(),
            case.name.clone(),
            case.hold_title.clone(),
            case.state.clone(),
        ]);
    }
    out.push_str(&table.text(0));
    if let Some(next) = &listed.next {
        let _ = write!(out, "\nDer er flere: --after {next}\n");
    }
    out
}
