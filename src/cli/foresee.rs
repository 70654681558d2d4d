//! `tovholder foresee`: what a coming law or other data of a time zone would bring to the holds that run; and what
//! would come of anything that is not done (`--dry-run`), to be read.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use clap::{ArgGroup, Args};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::migrate::brings_text;
use super::text::wrap;
use super::{Answer, Common, Failure, pair};
use crate::calendar::Tables;
use crate::runner::desk::{Consequences, read_date};

const EXAMPLES: &str = "\
The holidays and the zones' data are part of the program. When a law will make
a day a holiday, or summer time will end, this tells beforehand what that does
to the holds that run; a program that has the new law then does exactly that.
What an organisation closes for by itself stands in the workflow, under
`closed`: publish it, and let the holds go on by it with `tovholder migrate`.

Examples:
  tovholder foresee --holiday 2027-06-04
  tovholder foresee \"Hold 1\" --workday 2027-05-17
  tovholder foresee --zone Europe/Copenhagen=/usr/share/zoneinfo/Europe/Copenhagen";

/// What a coming holiday law, or other data of a time zone, would bring to each case.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("tables").required(true).multiple(true).args(["holidays", "workdays", "zones"])))]
pub(super) struct Foresee {
    /// A hold: its id, the beginning of it, or its title; otherwise all that run.
    #[arg(value_name = "HOLD")]
    hold: Option<String>,
    /// A day that becomes a public holiday; may be repeated.
    #[arg(long = "holiday", value_name = "DATE", value_parser = date)]
    holidays: Vec<Date>,
    /// A public holiday that becomes a workday; may be repeated.
    #[arg(long = "workday", value_name = "DATE", value_parser = date)]
    workdays: Vec<Date>,
    /// A zone's data (RFC 9636), as systems have it below `/usr/share/zoneinfo`; may be repeated.
    #[arg(long = "zone", value_name = "NAME=FILE", value_parser = pair)]
    zones: Vec<(String, String)>,
}

fn date(text: &str) -> Result<Date, String> {
    read_date(text).map_err(|_| format!("write a day such as 2027-06-04 instead of {text:?}"))
}

impl Foresee {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let tables = Tables {
            holidays: self.holidays.iter().copied().collect(),
            workdays: self.workdays.iter().copied().collect(),
            zones: self.zones()?,
        };
        let desk = common.desk().await?;
        let all = desk.if_tables(self.hold.as_deref(), tables).await?;
        let mut text = String::new();
        for of in &all {
            text.push_str(&consequences_text(of));
            text.push('\n');
        }
        if all.is_empty() {
            text.push_str("Ingen sag ville mærke noget.\n");
        }
        text.push_str("Intet er gjort: det er, hvad der ville ske.\n");
        Ok(Answer::new(text, &all))
    }

    fn zones(&self) -> Result<BTreeMap<String, TimeZone>, Failure> {
        let mut zones = BTreeMap::new();
        for (name, path) in &self.zones {
            let path = PathBuf::from(path);
            let bytes = fs::read(&path).map_err(|error| {
                let what = format!("{} kan ikke læses: {error}", path.display());
                Failure::new(what, "Giv en fil med en tidszones data.")
            })?;
            let zone = TimeZone::tzif(name, &bytes).map_err(|_| {
                let what = format!("{} er ikke en tidszones data (RFC 9636).", path.display());
                Failure::new(
                    what,
                    "Systemet har dem under /usr/share/zoneinfo, én fil for hver zone.",
                )
            })?;
            zones.insert(name.clone(), zone);
        }
        Ok(zones)
    }
}

/// What would come of something, to be read.
pub(super) fn consequences_text(of: &Consequences) -> String {
    let mut text = wrap("", &of.title);
    text.push_str(&brings_text(&of.brings));
    text
}

/// The same, of something that was only tried.
pub(super) fn tried(of: &Consequences) -> Answer {
    let mut text = consequences_text(of);
    text.push_str("\nIntet er gjort: det var en prøve (--dry-run).\n");
    Answer::new(text, of)
}
