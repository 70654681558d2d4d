//! Simulations of the shipped workflows: the days they promise, and what must hold on any day.

use jiff::civil::{Date, Time, date, time};
use tovholder::runner::simulate::{Report, Simulation};

use super::support::stage::{cast, settings, shipped, templates};

const HOLSTEBRO: &str = "holstebro-introforloeb";
const ODENSE: &str = "odense-for-forloeb";
const JRS: &str = "jrs-bliv-klar-til-sosu";

async fn play(name: &str, dates: &[(&str, Date)], players: usize) -> Report {
    let cast = cast(name, shipped(name), templates(), dates, players);
    let mut simulation = Simulation::begin(&cast, settings()).await.expect("a stage");
    simulation.play(|_| {}).await.expect("it plays");
    simulation.report().await.expect("a report")
}

fn phases(report: &Report) -> Vec<(&str, Date, Option<Date>)> {
    report
        .phases
        .iter()
        .map(|phase| (&*phase.state, phase.first, phase.last))
        .collect()
}

fn mails_of(report: &Report, template: &str) -> Vec<String> {
    let of = report.mails.iter().filter(|mail| mail.template == template);
    of.map(|mail| {
        format!(
            "{} {}",
            mail.at.strftime("%Y-%m-%d %H:%M"),
            mail.to.join(",")
        )
    })
    .collect()
}

/// What no simulation of a shipped workflow may show: mail that cannot leave, mail outside the send
/// hours or on a closed day, a candidate who never ends, the same words twice.
fn all_is_well(report: &Report, start: Date) {
    assert!(
        report.held.is_empty() && report.stuck.is_empty(),
        "{start}: {:?} {:?}",
        report.held,
        report.stuck
    );
    let (opens, closes): (Time, Time) = (time(8, 0, 0, 0), time(16, 0, 0, 0));
    for mail in &report.mails {
        let (day, at) = (mail.at.date(), mail.at.time());
        let weekend = matches!(
            day.weekday(),
            jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday
        );
        let holiday = tovholder::calendar::Holidays::Dk.on(day).is_some();
        assert!(
            !weekend && !holiday && at >= opens && at <= closes,
            "{start}: {} {}",
            mail.at,
            mail.template
        );
    }
    let mut said: Vec<_> = report
        .mails
        .iter()
        .map(|mail| (mail.at, &mail.to, &mail.who, &mail.name, &mail.subject))
        .collect();
    let all = said.len();
    said.sort();
    said.dedup();
    assert_eq!(said.len(), all, "{start}: something is said twice");
    let ended = report.phases.last().is_some_and(|phase| phase.is_final);
    assert!(ended, "{start}: {:?}", report.phases);
}

#[tokio::test]
async fn holstebro_from_the_second_of_february() {
    let report = play(HOLSTEBRO, &[("start", date(2026, 2, 2))], 2).await;
    let expect = [
        ("nominated", date(2026, 1, 5), Some(date(2026, 1, 18))),
        ("admitted", date(2026, 1, 19), Some(date(2026, 2, 1))),
        ("internship_1", date(2026, 2, 2), Some(date(2026, 2, 15))),
        ("school", date(2026, 2, 16), Some(date(2026, 3, 8))),
        ("internship_2", date(2026, 3, 9), Some(date(2026, 3, 22))),
        ("recruited", date(2026, 3, 23), None),
    ];
    assert_eq!(phases(&report), expect);
    // The conversation lies between the last school day and the last praktik day.
    let held: Vec<Date> = report.meetings.iter().map(|met| met.at.date()).collect();
    assert_eq!(held, [date(2026, 3, 6); 2]);
    let amina = "amina.aagren@eksempel.example";
    let bo = "bo.oestergaard@eksempel.example";
    let both = |at: &str| vec![format!("{at} {amina}"), format!("{at} {bo}")];
    assert_eq!(
        mails_of(&report, "holstebro-welcome"),
        both("2026-01-19 11:00")
    );
    assert_eq!(
        mails_of(&report, "holstebro-practical"),
        both("2026-01-28 09:00")
    );
    assert_eq!(mails_of(&report, "career-conversation-reminder").len(), 6);
}

/// Hours that do not exist or come twice, Easter, Christmas and the leap day.
#[tokio::test]
async fn every_workflow_comes_to_its_end_from_any_monday() {
    let table = [
        (HOLSTEBRO, date(2026, 3, 2), None),
        (HOLSTEBRO, date(2026, 10, 5), None),
        (HOLSTEBRO, date(2026, 12, 14), None),
        (HOLSTEBRO, date(2027, 3, 1), None),
        (HOLSTEBRO, date(2028, 2, 7), None),
        (ODENSE, date(2026, 2, 2), Some(date(2026, 3, 16))),
        (ODENSE, date(2026, 12, 7), Some(date(2027, 1, 11))),
        (JRS, date(2026, 8, 3), None),
        (JRS, date(2027, 4, 26), None),
        (JRS, date(2026, 11, 30), None),
    ];
    for (name, start, gf_start) in table {
        let dates: Vec<(&str, Date)> = [("start", start)]
            .into_iter()
            .chain(gf_start.map(|day| ("gf_start", day)))
            .collect();
        all_is_well(&play(name, &dates, 3).await, start);
    }
}

#[tokio::test]
async fn the_same_hold_is_the_same_every_time() {
    let shown = |report: &Report| serde_json::to_string(report).expect("JSON");
    let first = play(JRS, &[("start", date(2027, 4, 26))], 3).await;
    let second = play(JRS, &[("start", date(2027, 4, 26))], 3).await;
    assert_eq!(shown(&first), shown(&second));
    assert!(first.mails.iter().all(|mail| mail.mail.bytes.len() > 100));
}

/// Whoever comes after the information meeting was booked is invited, each once.
#[tokio::test]
async fn newcomers_are_invited_to_what_is_booked() {
    let report = play(JRS, &[("start", date(2026, 8, 3))], 3).await;
    let invited = mails_of(&report, "info-meeting-invitation");
    let candidates = invited.iter().filter(|mail| mail.starts_with("2026-06-15"));
    assert_eq!(candidates.count(), 4, "{invited:#?}");
    assert_eq!(invited.len(), 7, "{invited:#?}");
}
