//! What waits while mail is stopped, and what becomes of it when it is let go.

use jiff::civil::{Date, date};
use tovholder::definition::model::Part;
use tovholder::engine::input::Input;
use tovholder::message::TemplateSource;
use tovholder::runner::desk::{Desk, StopAsked, StopEnds};
use tovholder::runner::{Runner, Settings};
use tovholder::store::{OutboxRow, Status};

use super::super::support::stage::{cast, settings};
use super::{House, operator, templates};

/// Mail before the start, a status that recurs, reminders of two tasks that are gathered, and a meeting.
const COURSE: &str = r"
workflow: prove
title: Prøve
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles: {job_consultant: {title: Jobkonsulent, per: candidate}}
cohort:
  dates: {start: {title: Start, weekday: monday}}
  messages:
    status: {template: note, to: jobcentre, every: workday at 12:00, from: 2 weeks before cohort.start, until: 8 weeks after cohort.start}
candidate:
  states:
    waiting:
      title: Venter
      messages:
        ahead: {template: note, to: candidate, when: 3 workdays before cohort.start at 09:00}
      tasks:
        call: {title: Ring, by: job_consultant, due: 4 workdays after entered, remind: [3 workdays before at 09:00], optional: true}
        plan: {title: Plan, by: job_consultant, due: 4 workdays after entered, remind: [3 workdays before at 09:00], optional: true}
      meetings:
        talk: {title: Samtale, with: [candidate], lasts: 1 hour, between: [1 workdays after entered, 10 workdays after cohort.start]}
      events: {leave: {title: Forlad, then: out}}
    out: {title: Ude, final: neutral}
";

const MONDAY: Date = date(2026, 1, 26);

fn texts() -> TemplateSource {
    let mut all = templates();
    for (name, text) in [
        ("task-reminder", "{{count items \"opgave\" \"opgaver\"}}"),
        ("meeting-invitation", "Velkommen"),
        ("meeting-moved", "Flyttet"),
        ("meeting-cancelled", "Aflyst"),
    ] {
        for file in ["subject.hbs", "body.txt.hbs", "body.html.hbs"] {
            all.files
                .insert(format!("da/{name}/{file}"), text.to_owned());
        }
    }
    all
}

async fn house(settings: Settings) -> House {
    let dates = [("start", date(2026, 2, 2))];
    let cast = cast("prove", COURSE.to_owned(), texts(), &dates, 3);
    House::of_cast(cast, settings).await
}

fn named(message: &str) -> StopAsked {
    StopAsked {
        message: Some(message.to_owned()),
        ..StopAsked::default()
    }
}

impl House {
    fn desk(&self) -> Desk {
        Desk::new(self.runner.clone())
    }

    async fn stop(&self, asked: &StopAsked) -> i64 {
        let stopped = self.desk().stop_mail(asked, "Forkert dato", "cli").await;
        stopped.expect("it is stopped").stop.id
    }

    /// Serves hour by hour until then, so that nothing is late by itself.
    async fn serve_until(&self, day: Date, hour: i8) {
        let until = self.at(day, hour);
        while self.runner.now() < until {
            let next = self.runner.now() + jiff::SignedDuration::from_mins(30);
            self.runner.clock().move_to(next.min(until));
            self.settle().await;
        }
    }

    /// Lets go what was looked at just before; the plan and what came of it say the same.
    async fn let_go(&self, stop: i64) -> StopEnds {
        let before = self.rows().await;
        let plan = self.desk().would_let_go(stop).await.expect("a plan");
        assert_eq!(self.rows().await, before, "to look changes nothing");
        let done = self.desk().let_mail_go(stop, "cli").await.expect("it ends");
        let as_planned = StopEnds {
            is_done: true,
            ..plan
        };
        assert_eq!(done, as_planned);
        self.settle().await;
        done
    }
}

fn of(rows: &[OutboxRow], status: Status) -> usize {
    rows.iter().filter(|row| row.status == status).count()
}

fn dropped(ends: &StopEnds) -> usize {
    ends.dropped.iter().map(|one| one.mails).sum()
}

#[tokio::test]
async fn what_waited_is_let_go_by_the_rules_for_late_mail() {
    // When it is let go; what leaves, is late, and falls away then; and of the three that were to come before the
    // start how they end.
    for (day, hour, leaves, late, falls, ahead) in [
        (date(2026, 1, 28), 10, 3, 1, 1, Status::Sent),
        (date(2026, 1, 29), 15, 0, 4, 3, Status::Sent),
        (date(2026, 2, 3), 13, 1, 0, 9, Status::Cancelled),
    ] {
        for lot_max in [50, 0] {
            let mut few = settings();
            few.lot_max = lot_max;
            let house = house(few).await;
            let others = [named("call"), named("plan")];
            for other in &others {
                house.stop(other).await;
            }
            let stop = house.stop(&StopAsked::default()).await;
            house.serve_until(day, hour).await;
            assert_eq!(house.channel.sent().len(), 0, "nothing leaves");
            let ends = house.let_go(stop).await;
            let what = format!("{day} {hour}, lots of {lot_max}: {ends:?}");
            assert_eq!(
                (ends.leaves, ends.late, dropped(&ends)),
                (leaves, late, falls),
                "{what}"
            );
            assert_eq!(
                ends.late_is_small,
                late <= usize::try_from(lot_max).unwrap(),
                "{what}"
            );
            let waits = lot_max == 0 && ahead == Status::Sent && leaves == 0;
            let expect = if waits { Status::Held } else { ahead };
            let rows = house.named("message.ahead").await;
            assert_eq!(of(&rows, expect), 3, "{what}: {rows:?}");
            // Of what recurs only the newest; the reminders are stopped by their own names still.
            let status = house.named("message.status").await;
            assert_eq!(of(&status, Status::Cancelled), status.len() - 1, "{what}");
            assert!(ends.still > 0, "{what}");
            assert!(
                house
                    .named("task.")
                    .await
                    .iter()
                    .all(|row| row.attempt == 0)
            );
        }
    }
}

#[tokio::test]
async fn of_what_is_gathered_each_part_leaves_by_itself() {
    let house = house(settings()).await;
    let stop = house.stop(&named("task.call")).await;
    house.serve_until(date(2026, 1, 27), 10).await;
    let arrived = || {
        let mut all = house.channel.sent();
        all.retain(|mail| mail.subject.contains("opgave"));
        all
    };
    let before: usize = arrived().len();
    assert!(before > 0, "the other task's reminders leave");
    let rows = house.named("task.").await;
    let (sent, waits) = (of(&rows, Status::Sent), of(&rows, Status::Queued));
    assert_eq!((sent, waits), (before, before), "{rows:?}");
    let call = |row: &&OutboxRow| row.occurrence.contains("task.call");
    assert_eq!(rows.iter().filter(call).count(), waits);
    let desk = house.desk();
    for row in rows.iter().filter(call) {
        let mail = desk.mail(row.id).await.expect("a mail").line;
        let reason = mail.reason.expect("a reason");
        assert!(
            mail.is_stopped && reason.contains("Forkert dato"),
            "{reason}"
        );
    }
    house.let_go(stop).await;
    assert_eq!(arrived().len(), 2 * before);
    assert_eq!(of(&house.named("task.").await, Status::Sent), 2 * before);
}

/// A calendar part's method and number.
type Told = (String, String);

/// Those of each mail about the meeting, as it left.
fn calendar(house: &House) -> Vec<Told> {
    let value = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim().to_owned()
    };
    let mails = house.channel.sent().into_iter();
    mails
        .filter_map(|mail| tovholder::runner::desk::part_of(&mail.bytes, "text/calendar"))
        .map(|text| (value(&text, "METHOD:"), value(&text, "SEQUENCE:")))
        .collect()
}

#[tokio::test]
async fn an_invitation_that_was_stopped_leaves_as_what_it_has_become() {
    let book = |hour| Input::Book {
        meeting: "talk".into(),
        start: date(2026, 2, 10).at(hour, 0, 0, 0),
        place: None,
    };
    let off = || Input::Met {
        meeting: "talk".into(),
        part: Part::Cancelled,
        attendance: Vec::new(),
    };
    let request = |sequence: &str| ("REQUEST".to_owned(), sequence.to_owned());
    // What happens before the stop, while it stands, and what the calendar then has been told.
    let table: [(Vec<Input>, Vec<Input>, Vec<Told>); 4] = [
        (vec![], vec![book(9)], vec![request("0")]),
        (vec![], vec![book(9), book(10)], vec![request("1")]),
        (vec![], vec![book(9), book(10), off()], vec![]),
        (
            vec![book(9)],
            vec![book(10), off()],
            vec![request("0"), ("CANCEL".to_owned(), "2".to_owned())],
        ),
    ];
    for (before, meanwhile, told) in table {
        let house = house(settings()).await;
        let act = async |input: &Input| {
            let actor = operator();
            let done = house.runner.input(house.cases[0], input, &actor, None);
            done.await.expect("it is done");
            house.settle().await;
        };
        for input in &before {
            act(input).await;
        }
        let stop = house.stop(&named("talk")).await;
        let known = calendar(&house).len();
        for input in &meanwhile {
            act(input).await;
        }
        assert_eq!(calendar(&house).len(), known, "{meanwhile:?}");
        house.let_go(stop).await;
        assert_eq!(calendar(&house), told, "{meanwhile:?}");
    }
}

#[tokio::test]
async fn what_stands_before_a_restart_stands_after_it_and_for_every_process() {
    let house = house(settings()).await;
    let stop = house.stop(&StopAsked::default()).await;
    let other = Runner::new(
        house.runner.store().clone(),
        house.runner.clock().clone(),
        settings(),
    );
    // Nobody has looked for two days: what is late then is a lot of its own, and stopped like the rest.
    house
        .runner
        .clock()
        .move_to(house.at(date(2026, 1, 28), 15));
    other.woke(other.now());
    other.work(other.now()).await.expect("it works");
    house.settle().await;
    assert_eq!(house.channel.sent().len(), 0);
    house.let_go(stop).await;
    assert!(!house.channel.sent().is_empty());
    let rows = house.rows().await;
    let ended = of(&rows, Status::Sent) + of(&rows, Status::Cancelled);
    assert_eq!(ended, rows.len(), "nothing is left behind: {rows:?}");
    assert_eq!(house.at(MONDAY, 10), house.cast.begins());
}

#[tokio::test]
async fn what_is_wrong_with_a_stop_is_said() {
    let house = house(settings()).await;
    let desk = house.desk();
    let refused = async |asked: StopAsked, reason: &str| {
        let refused = desk.stop_mail(&asked, reason, "cli").await;
        refused.expect_err("it is not taken").to_string()
    };
    for (asked, reason, said) in [
        (StopAsked::default(), " ", "Hvorfor standses det?"),
        (StopAsked::default(), "010190-1234", "CPR"),
        (StopAsked::default(), &*"a".repeat(301), "højst 300 tegn"),
        (named("aheead"), "Prøve", "Mente du »ahead«?"),
        (
            StopAsked {
                workflow: Some("prøve".into()),
                ..StopAsked::default()
            },
            "Prøve",
            "Der er intet forløb »prøve«",
        ),
        (
            StopAsked {
                cohort: Some("Hold 9".into()),
                ..StopAsked::default()
            },
            "Prøve",
            "»Hold 9«",
        ),
        (
            StopAsked {
                workflow: Some("andet".into()),
                cohort: Some("Hold 1".into()),
                ..StopAsked::default()
            },
            "Prøve",
            "Holdet følger ikke »andet«",
        ),
    ] {
        let words = refused(asked.clone(), reason).await;
        assert!(words.contains(said), "{asked:?}: {words}");
    }
    assert_eq!(desk.stops().await.expect("stops"), []);
    let none = desk
        .stop_of(&named("ahead"))
        .await
        .expect_err("there is none");
    assert!(none.to_string().contains("Intet er standset"), "{none}");
    house.stop(&named("ahead")).await;
    let other = desk.stop_of(&named("status")).await.expect_err("another");
    assert!(other.to_string().contains("mailen »ahead«"), "{other}");
}
