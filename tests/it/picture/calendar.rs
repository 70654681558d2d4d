//! The calendar of a simulated hold as a picture.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use tovholder::calendar::Closed;
use tovholder::picture::season::{Season, svg};
use tovholder::runner::simulate::{Report, Simulation};

use super::super::support::stage::{cast, settings, shipped, templates};
use super::seen::{self, Element};
use super::{frame, texts_apart};

async fn play(name: &str, dates: &[(&str, Date)]) -> (tovholder::runner::cast::Cast, Report) {
    let cast = cast(name, shipped(name), templates(), dates, 3);
    let mut simulation = Simulation::begin(&cast, settings()).await.expect("a stage");
    simulation.play(|_| {}).await.expect("it plays");
    let report = simulation.report().await.expect("a report");
    (cast, report)
}

/// The numbers that pills of a kind show, by the name they stand at.
fn counted(elements: &[Element], class: &str) -> BTreeMap<String, usize> {
    let mut sums = BTreeMap::new();
    for (at, pill) in elements.iter().enumerate() {
        let title = elements.get(at + 1).filter(|next| next.name == "title");
        let Some((name, count)) = title.and_then(|title| title.text.rsplit_once(": ")) else {
            continue;
        };
        if pill.name == "rect" && pill.is(class) {
            let shown = elements[at + 2].text.parse::<usize>().expect("a number");
            assert_eq!(count, shown.to_string());
            *sums.entry(name.to_owned()).or_default() += shown;
        }
    }
    sums
}

#[tokio::test]
async fn a_simulated_hold_is_drawn_with_all_that_is_in_it() {
    let table: [(&str, &[(&str, Date)]); 4] = [
        ("holstebro-introforloeb", &[("start", date(2026, 2, 2))]),
        // Over Christmas, and with an ISO week 53.
        ("jrs-bliv-klar-til-sosu", &[("start", date(2026, 11, 30))]),
        (
            "odense-for-forloeb",
            &[("start", date(2026, 2, 2)), ("gf_start", date(2026, 3, 16))],
        ),
        ("holstebro-introforloeb", &[("start", date(2027, 3, 1))]),
    ];
    for (name, dates) in table {
        let (cast, report) = play(name, dates).await;
        let picture = svg(&cast.workflow, &report).expect("a picture");
        assert_eq!(Some(&picture), svg(&cast.workflow, &report).as_ref());
        let elements = seen::all(&[picture]).remove(0);
        let mut wrong = frame(&elements);
        wrong.extend(texts_apart(&elements));
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
        let mut mails: BTreeMap<String, usize> = BTreeMap::new();
        for mail in &report.mails {
            *mails.entry(mail.role.clone()).or_default() += 1;
        }
        assert_eq!(counted(&elements, "mail"), mails, "{name}");
        let mut meetings: BTreeMap<String, usize> = BTreeMap::new();
        for met in &report.meetings {
            *meetings.entry(met.title.clone()).or_default() += 1;
        }
        assert_eq!(counted(&elements, "meeting"), meetings, "{name}");
        for phase in &report.phases {
            let is_shown = |one: &Element| {
                one.name == "title" && one.text.starts_with(&format!("{}: ", phase.title))
            };
            assert!(elements.iter().any(is_shown), "{name}: {}", phase.title);
        }
        closed_days(&cast.workflow.calendar, &report, &elements);
    }
}

/// As many days are grey as the calendar closes, beside weekends, in the weeks that are shown.
fn closed_days(calendar: &tovholder::calendar::Calendar, report: &Report, elements: &[Element]) {
    let season = Season::of(report).expect("a season");
    let monday = |day: Date| {
        let back = i32::from(day.weekday().to_monday_zero_offset());
        day.saturating_sub(back.days())
    };
    let (first, end) = (
        monday(season.first),
        monday(season.last).saturating_add(1.week()),
    );
    let days = first.series(1.day()).take_while(|day| *day < end);
    let closes = |day: &Date| {
        let why = calendar.closed_because(*day);
        why.is_some_and(|why| !matches!(why, Closed::Weekend(_)))
    };
    let grey = elements.iter().filter(|one| one.is("closed")).count();
    // One more is in the legend.
    assert_eq!(grey, days.filter(closes).count() + 1);
}
