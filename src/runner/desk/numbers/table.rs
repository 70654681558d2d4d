//! Numbers as tables for other programs: Excel, or CSV.

use jiff::civil::Date;

use super::{Count, CountedCase, Numbers, PartCount};
use crate::runner::desk::xlsx::{Cell, Table};

/// What the counts of a part are called, in their order: Danish, and English.
pub const COUNTS: [(&str, &str); 6] = [
    ("I alt", "All"),
    ("Undervejs", "Under way"),
    ("Mål nået", "Completed"),
    ("Afsluttet", "Ended"),
    ("Stoppet", "Stopped"),
    ("Flyttet", "Moved"),
];

impl PartCount {
    /// The counts, in the order of [`COUNTS`].
    #[must_use]
    pub fn counts(&self) -> [&Count; 6] {
        [
            &self.cases,
            &self.open,
            &self.success,
            &self.neutral,
            &self.dropout,
            &self.moved,
        ]
    }
}

/// The numbers of workflows, a line for each hold and each jobcentre.
#[must_use]
pub fn table_of_numbers(numbers: &[Numbers]) -> Table {
    let titles = ["Forløb", "Art", "Navn", "Start"].into_iter();
    let mut rows = Vec::new();
    for one in numbers {
        let holds = one.by_hold.iter().map(|part| ("Hold", part));
        let jobcentres = one.by_jobcentre.iter().map(|part| ("Jobcenter", part));
        rows.extend(
            holds
                .chain(jobcentres)
                .map(|(kind, part)| row(one, kind, part)),
        );
    }
    Table {
        name: "Tal".to_owned(),
        titles: (titles.chain(COUNTS.map(|(danish, _)| danish)))
            .map(ToOwned::to_owned)
            .collect(),
        rows,
    }
}

fn row(of: &Numbers, kind: &str, part: &PartCount) -> Vec<Cell> {
    let start = part.start.as_ref().and_then(|day| day.parse::<Date>().ok());
    let words = [of.title.as_str(), kind, &part.title].map(text);
    let counts = part
        .counts()
        .map(|count| Cell::Number(f64::from(count.count)));
    let start = start.map_or(Cell::Empty, Cell::Date);
    words.into_iter().chain([start]).chain(counts).collect()
}

/// A list of candidates.
#[must_use]
pub fn table_of_cases(cases: &[CountedCase]) -> Table {
    let row = |case: &CountedCase| {
        let jobcentre = case.jobcentre.as_deref().unwrap_or_default();
        [
            &case.id,
            &case.name,
            &case.hold_title,
            &case.state,
            jobcentre,
        ]
        .map(text)
        .to_vec()
    };
    Table {
        name: "Kandidater".to_owned(),
        titles: ["Id", "Navn", "Hold", "Tilstand", "Jobcenter"]
            .map(ToOwned::to_owned)
            .to_vec(),
        rows: cases.iter().map(row).collect(),
    }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}
