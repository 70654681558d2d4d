//! Parts that several kinds of mail have.

use crate::definition::model::{CANDIDATE, JOBCENTRE, Workflow};
use crate::definition::value::{FactKind, GRADES};
use crate::message::{Kind, Supply};
use crate::runner::data::no_and_yes;

pub(super) fn one(text: &str) -> Supply {
    Supply::new(Kind::Text(vec![text.to_owned()]))
}

/// The organisation's picture, as far as the layout needs it.
pub(super) fn logo() -> Supply {
    let logo = Supply::map([
        ("src", Supply::text()),
        ("width", Supply::new(Kind::Number)),
        ("height", Supply::new(Kind::Number)),
    ]);
    logo.or_empty()
}

pub(super) fn event() -> Supply {
    Supply::map([
        ("title", Supply::text()),
        ("at", Supply::new(Kind::Moment)),
        ("date", Supply::new(Kind::Date)),
    ])
}

/// What somebody wrote; its words are left out when no mail may say them.
pub(super) fn reply() -> Supply {
    Supply::map([
        ("from", Supply::text()),
        ("at", Supply::new(Kind::Moment)),
        ("subject", Supply::text().or_empty()),
        ("text", Supply::text().or_empty()),
        ("number", Supply::new(Kind::Number)),
    ])
}

/// A lot of late mail, and some of the holds that it is of.
pub(super) fn late() -> Supply {
    let hold = Supply::map([
        ("title", Supply::text()),
        ("mails", Supply::new(Kind::Number)),
    ]);
    Supply::map([
        ("lot", Supply::text()),
        ("mails", Supply::new(Kind::Number)),
        ("first", Supply::new(Kind::Moment)),
        ("last", Supply::new(Kind::Moment)),
        ("holds", Supply::list(hold, 1)),
        ("more", Supply::new(Kind::Number)),
    ])
}

/// A mail within another, as it would have read by itself.
pub(super) fn part() -> Supply {
    Supply::map([
        ("subject", Supply::text()),
        ("text", Supply::text()),
        ("language", Supply::text()),
    ])
}

pub(super) fn candidate() -> Supply {
    Supply::map([
        ("name", Supply::text()),
        ("first_name", Supply::text()),
        ("organisation", Supply::text().or_empty()),
    ])
}

pub(super) fn start(workflow: &Workflow) -> Supply {
    let mut dates = workflow.cohort.dates.iter();
    let starts = dates.any(|date| *date.name == *"start");
    Supply::new(if starts { Kind::Date } else { Kind::Nothing })
}

pub(super) fn recipient(workflow: &Workflow, to: &[&str]) -> Supply {
    let titles = to
        .iter()
        .map(|role| crate::runner::data::role_title(workflow, role));
    let organisation = match to.first() {
        Some(&JOBCENTRE) => Supply::text(),
        _ => Supply::text().or_empty(),
    };
    let is_candidate = to.first() == Some(&CANDIDATE);
    Supply::map([
        ("name", Supply::text()),
        ("first_name", Supply::text()),
        ("role", Supply::new(Kind::Text(titles.collect()))),
        ("organisation", organisation),
        ("is_candidate", Supply::new(Kind::Flag(Some(is_candidate)))),
    ])
}

/// Facts are supplied as they are read; only days need a helper.
pub(super) fn kind(kind: &FactKind, language: &str) -> Kind {
    match kind {
        FactKind::Date => Kind::Date,
        FactKind::OneOf(choices) => {
            Kind::Text(choices.iter().map(|(_, title)| title.clone()).collect())
        }
        FactKind::YesNo => Kind::Text(no_and_yes(language).map(str::to_owned).to_vec()),
        FactKind::Grade => Kind::Text(GRADES.map(str::to_owned).to_vec()),
        FactKind::WholeNumber | FactKind::Decimal | FactKind::Text { .. } => Kind::Text(Vec::new()),
    }
}

/// What is new of a case since the last digest.
pub(super) fn change() -> Supply {
    Supply::map([
        ("name", Supply::text()),
        ("first_name", Supply::text()),
        ("what", Supply::text()),
    ])
}

pub(super) fn digest_case(workflow: &Workflow) -> Supply {
    let atomic = workflow
        .states
        .iter()
        .filter(|state| state.children.is_empty());
    let names = atomic.clone().map(|state| state.name.to_string()).collect();
    let titles = atomic.map(|state| state.title.clone()).collect();
    let next = Supply::map([("what", Supply::text()), ("date", Supply::new(Kind::Date))]);
    let outcome = ["success", "neutral", "dropout", "cancelled"].map(str::to_owned);
    Supply::map([
        ("name", Supply::text()),
        ("first_name", Supply::text()),
        ("organisation", Supply::text().or_empty()),
        ("state", Supply::new(Kind::Text(titles))),
        ("state_name", Supply::new(Kind::Text(names))),
        ("since", Supply::new(Kind::Date)),
        (
            "cohort",
            Supply::map([("title", Supply::text()), ("start", start(workflow))]),
        ),
        ("absences", Supply::new(Kind::Number)),
        ("attended", Supply::new(Kind::Number)),
        ("missed", Supply::new(Kind::Number)),
        ("next", Supply::new(Kind::List(Box::new(next), 0, 2))),
        (
            "outcome",
            Supply::new(Kind::Text(outcome.to_vec())).or_empty(),
        ),
    ])
}
