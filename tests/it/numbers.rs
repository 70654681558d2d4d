//! Numbers are what counting by hand gives, whatever has happened, on every store; and each count lists
//! exactly those whom it counts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use jiff::{Span, Timestamp};
use tovholder::clock::Clock;
use tovholder::definition::model::{Outcome, Workflow};
use tovholder::engine::NewCase;
use tovholder::engine::input::{Actor, Input};
use tovholder::engine::subject::{Ending, Subject};
use tovholder::message::TemplateSource;
use tovholder::runner::desk::{
    Count, CountFilter, Counted, DaysAsked, Desk, Numbers, NumbersAsked, PartCount,
};
use tovholder::runner::versions::publish;
use tovholder::runner::{Candidate, Runner};
use tovholder::store::{NewOrganisation, NewPerson, PersonRef, Sees, Store};

use super::support::postgres::shared;
use super::support::stage::settings;

super::store::contract! {
    counts_are_those_of_counting_by_hand,
    lists_are_paged_in_danish_order,
}

const WORKFLOW: &str = r"
workflow: tael
title: Tæl
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles: {coordinator: {title: Tovholder, per: cohort}}
cohort: {places: 3, dates: {start: {title: Start, weekday: monday}}}
candidate:
  states:
    asked:
      title: Spurgt
      until: cohort.start
      then: next_cohort.asked
      events: {accept: {title: Siger ja, then: enrolled}, decline: {title: Siger nej, then: no_thanks}}
    enrolled:
      title: På holdet
      holds_place: true
      events: {stop: {title: Stopper, then: gone}}
      states:
        chosen: {title: Valgt, until: cohort.start, then: course}
        course: {title: Kursus, lasts: 2 weeks, then: hired}
    hired: {title: Ansat, final: success}
    no_thanks: {title: Nej tak, final: neutral}
    gone: {title: Stoppet, final: dropout}
targets: {jobs: {title: Job, reached: hired, at_least: 4, deadline: 2027-12-31}}
";

/// What may happen to a case at any moment; mostly nothing.
const EVENTS: [&str; 10] = [
    "accept", "accept", "accept", "decline", "stop", "", "", "", "", "",
];

struct House {
    desk: Desk,
    clock: Clock,
    workflow: Workflow,
    version: i64,
}

fn moment(day: Date) -> Timestamp {
    let zone = jiff::tz::TimeZone::get("Europe/Copenhagen").expect("a zone");
    day.at(10, 0, 0, 0)
        .to_zoned(zone)
        .expect("a moment")
        .timestamp()
}

impl House {
    async fn new(store: Store) -> Self {
        let clock = Clock::manual(moment(date(2027, 1, 4)));
        let runner = Runner::new(store, clock.clone(), settings());
        let templates = TemplateSource {
            files: BTreeMap::new(),
        };
        let version = publish(
            runner.store(),
            "tael.yaml",
            WORKFLOW,
            "tael",
            &templates,
            runner.now(),
        );
        let version = version.await.expect("published");
        let read = tovholder::definition::read("tael.yaml", WORKFLOW);
        Self {
            desk: Desk::new(runner),
            clock,
            workflow: read.workflow.expect("it is right"),
            version,
        }
    }

    fn runner(&self) -> &Runner {
        self.desk.runner()
    }

    async fn hold(&self, title: &str, start: Date) -> i64 {
        let dates = [("start".into(), start)].into();
        let (people, facts) = (BTreeMap::new(), BTreeMap::new());
        let runner = self.runner();
        let opened = runner.open_cohort(self.version, title, dates, people, &facts);
        opened.await.expect("a hold").id
    }

    async fn case(&self, hold: i64, name: &str, organisation: Option<i64>) -> i64 {
        let candidate = Candidate {
            person: PersonRef::New(NewPerson {
                name: name.to_owned(),
                ..NewPerson::default()
            }),
            born: None,
            organisation_id: organisation,
            case: NewCase::default(),
        };
        self.runner()
            .open_cases(hold, &[candidate])
            .await
            .expect("a case")[0]
            .id
    }

    async fn jobcentre(&self, name: &str) -> i64 {
        let one = NewOrganisation {
            name: name.to_owned(),
            ..NewOrganisation::default()
        };
        self.runner()
            .store()
            .upsert_organisation(one)
            .await
            .expect("one")
    }

    /// Whether it was taken: a full hold refuses, and so does a case that is elsewhere.
    async fn fire(&self, case: i64, event: &str) -> bool {
        let actor = Actor {
            role: None,
            from: "test".into(),
        };
        let input = Input::Fire {
            event: event.into(),
            set: BTreeMap::new(),
            override_reason: None,
            another: true,
        };
        self.runner()
            .input(case, &input, &actor, None)
            .await
            .is_ok()
    }

    async fn work(&self, day: Date) {
        self.clock.move_to(moment(day));
        for _ in 0..3 {
            self.runner()
                .work(self.runner().now())
                .await
                .expect("it works");
        }
    }

    /// Two holds, jobcentres, and whatever a number says happens to so many candidates.
    async fn play(&self, seed: u64) {
        let mut chance = seed
            .wrapping_mul(2_862_933_555_777_941_757)
            .wrapping_add(3_037_000_493);
        let mut any = |most: u64| {
            chance = chance
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (chance >> 33) % most
        };
        let centres = [
            None,
            Some(self.jobcentre("Åby").await),
            Some(self.jobcentre("Ærø").await),
        ];
        let first = self.hold("Hold 1", date(2027, 2, 1)).await;
        let second = self.hold("Hold 2", date(2027, 3, 1)).await;
        let third = self.hold("Hold 3", date(2027, 4, 12)).await;
        let mut cases = Vec::new();
        for number in 0..12 + any(8) {
            let hold = [first, second, third][usize::try_from(any(3)).expect("small")];
            let centre = centres[usize::try_from(any(3)).expect("small")];
            cases.push(self.case(hold, &format!("Kandidat {number}"), centre).await);
        }
        // To whom nothing happens goes on to the next hold.
        for name in ["Stille A", "Stille B"] {
            self.case(first, name, centres[1]).await;
        }
        let mut day = date(2027, 1, 5);
        let mut taken = 0;
        for _ in 0..10 {
            for case in &cases {
                let event = EVENTS[usize::try_from(any(10)).expect("small")];
                taken += usize::from(!event.is_empty() && self.fire(*case, event).await);
            }
            day = day.saturating_add(Span::new().days(i64::try_from(any(12)).expect("small")));
            self.work(day).await;
        }
        assert!(taken > 3, "something happens");
        if any(2) == 0 {
            self.desk
                .do_days("Hold 3", DaysAsked::Cancel)
                .await
                .expect("it is called off");
        }
    }

    /// All cases as their histories leave them: row id, hold, organisation, called off.
    async fn by_hand(&self) -> Vec<(i64, i64, Option<i64>, bool, Subject)> {
        let store = self.runner().store();
        let holds = store.cohorts().await.expect("holds");
        let members = store
            .members(None, "tael", &[], 0, 10_000)
            .await
            .expect("cases");
        let one = |row: tovholder::store::MemberRow| {
            let subject: Subject = serde_json::from_str(&row.snapshot).expect("a snapshot");
            let hold = holds
                .iter()
                .find(|hold| hold.id == row.cohort_id)
                .expect("its hold");
            (
                row.id,
                row.cohort_id,
                row.organisation_id,
                hold.state.is_some(),
                subject,
            )
        };
        members.into_iter().map(one).collect()
    }

    async fn numbers(&self, asked: NumbersAsked) -> Numbers {
        let mut all = self.desk.numbers(&asked).await.expect("numbers");
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    async fn listed(&self, filter: &CountFilter) -> Vec<String> {
        let page = self
            .desk
            .candidates_of(filter, (None, 500))
            .await
            .expect("a list");
        assert_eq!(page.count, page.cases.len());
        page.cases.into_iter().map(|case| case.id).collect()
    }
}

/// Whether a count counts a case, by its history alone.
fn is_counted(workflow: &Workflow, what: &Counted, subject: &Subject, called_off: bool) -> bool {
    let moved = subject
        .ended
        .as_ref()
        .is_some_and(|ended| ended.how == Ending::Moved);
    let came = |state: &str| subject.visits.contains_key(state);
    let outcome = workflow
        .states
        .iter()
        .find(|state| state.outcome.is_some() && came(&state.name));
    let ended =
        |wanted: Option<Outcome>| !moved && outcome.and_then(|state| state.outcome) == wanted;
    match what {
        Counted::All => true,
        Counted::Came(state) => !moved && came(state),
        Counted::Reached(state) => came(state),
        Counted::Moved => moved,
        Counted::Open => ended(None) && !called_off,
        Counted::Cancelled => ended(None) && called_off,
        Counted::Success => ended(Some(Outcome::Success)),
        Counted::Neutral => ended(Some(Outcome::Neutral)),
        Counted::Dropout => ended(Some(Outcome::Dropout)),
    }
}

/// Every count of the numbers.
fn every_count(numbers: &Numbers) -> Vec<Count> {
    let of_part = |part: &PartCount| {
        let counts = [
            &part.cases,
            &part.open,
            &part.success,
            &part.neutral,
            &part.dropout,
            &part.moved,
        ];
        counts.map(Clone::clone)
    };
    let mut all = vec![numbers.cases.clone()];
    all.extend(numbers.funnel.iter().map(|step| step.count.clone()));
    all.extend(numbers.targets.iter().map(|target| target.count.clone()));
    all.extend(numbers.outcomes.iter().map(|outcome| outcome.count.clone()));
    all.extend(numbers.by_hold.iter().flat_map(of_part));
    all.extend(numbers.by_jobcentre.iter().flat_map(of_part));
    all
}

async fn counts_are_those_of_counting_by_hand(store: Store) {
    let seen = compared(store, 7).await;
    for what in [
        "all",
        "open",
        "moved",
        "came:asked",
        "came:course",
        "dropout",
        "neutral",
    ] {
        assert!(seen.contains(what), "nobody is counted as {what}: {seen:?}");
    }
}

#[tokio::test]
async fn whatever_happens_counts_are_those_of_counting_by_hand() {
    let mut seen = BTreeSet::new();
    for seed in 0..12 {
        let store = Store::open_in_memory().await.expect("a store");
        seen.extend(compared(store, seed).await);
    }
    for what in ["cancelled", "success", "reached:hired"] {
        assert!(seen.contains(what), "nobody is counted as {what}: {seen:?}");
    }
}

/// Plays, compares every count with the histories, and answers which counts counted anybody.
async fn compared(store: Store, seed: u64) -> BTreeSet<String> {
    let house = House::new(store).await;
    house.play(seed).await;
    let cases = house.by_hand().await;
    let holds = house.runner().store().cohorts().await.expect("holds");
    let public: BTreeMap<i64, String> = {
        let lines = cases.iter().map(|case| case.0).collect::<Vec<i64>>();
        let lines = house
            .runner()
            .store()
            .case_lines(Sees::All, &lines)
            .await
            .expect("lines");
        lines
            .into_iter()
            .map(|line| (line.id, line.public_id))
            .collect()
    };
    let spring = NumbersAsked {
        from: Some(date(2027, 2, 15)),
        to: Some(date(2027, 6, 30)),
        ..NumbersAsked::default()
    };
    let one = NumbersAsked {
        hold: Some("Hold 2".into()),
        ..NumbersAsked::default()
    };
    let mut seen = BTreeSet::new();
    for asked in [NumbersAsked::default(), spring, one] {
        for count in every_count(&house.numbers(asked).await) {
            let filter = &count.filter;
            let is_in = |hold: i64| {
                let hold = holds.iter().find(|one| one.id == hold).expect("a hold");
                let starts: Date = hold
                    .starts_on
                    .as_ref()
                    .expect("a start")
                    .parse()
                    .expect("a day");
                filter.hold.as_ref().is_none_or(|id| *id == hold.public_id)
                    && filter.from.is_none_or(|from| from <= starts)
                    && filter.to.is_none_or(|to| starts <= to)
            };
            let expect: BTreeSet<String> = (cases.iter())
                .filter(|case| is_in(case.1))
                .filter(|case| {
                    filter
                        .jobcentre
                        .is_none_or(|asked| case.2.unwrap_or(0) == asked)
                })
                .filter(|case| is_counted(&house.workflow, &filter.what, &case.4, case.3))
                .map(|case| public[&case.0].clone())
                .collect();
            assert_eq!(count.count as usize, expect.len(), "{filter:?}");
            let listed = house.listed(filter).await;
            assert_eq!(listed.len(), expect.len(), "{filter:?}");
            assert_eq!(BTreeSet::from_iter(listed), expect, "{filter:?}");
            if count.count > 0 {
                seen.insert(filter.what.to_string());
            }
        }
    }
    seen
}

async fn lists_are_paged_in_danish_order(store: Store) {
    let house = House::new(store).await;
    let hold = house.hold("Hold 1", date(2027, 2, 1)).await;
    let (ours, theirs) = (house.jobcentre("Vest").await, house.jobcentre("Øst").await);
    for (at, name) in ["Ågren", "Zacho", "Østergaard", "Aaby", "Ærø", "Bo"]
        .into_iter()
        .enumerate()
    {
        house
            .case(hold, name, [Some(ours), Some(theirs), None][at % 3])
            .await;
    }
    let filter = house.numbers(NumbersAsked::default()).await.cases.filter;
    let page = async |after: Option<&str>| {
        let page = house
            .desk
            .candidates_of(&filter, (after, 2))
            .await
            .expect("a page");
        let names: Vec<String> = page.cases.iter().map(|case| case.name.clone()).collect();
        (page.count, names, page.next)
    };
    let (count, names, next) = page(None).await;
    assert_eq!(
        (count, &names[..]),
        (6, &["Bo".to_owned(), "Zacho".to_owned()][..])
    );
    let (_, names, next) = page(next.as_deref()).await;
    assert_eq!(names, ["Ærø", "Østergaard"]);
    let (_, names, last) = page(next.as_deref()).await;
    assert_eq!(
        (&names[..], last),
        (&["Aaby".to_owned(), "Ågren".to_owned()][..], None)
    );
    // Of what is another's not even a number is there.
    let holds = [hold];
    for (sees, cases) in [
        (Sees::All, 6),
        (Sees::Organisation(ours), 2),
        (Sees::Organisation(theirs), 2),
        (Sees::Seats(1), 0),
        (Sees::Nobody, 0),
    ] {
        let store = house.runner().store();
        let (by_hold, by_organisation) = store.progress(sees, &holds).await.expect("counts");
        for counts in [by_hold, by_organisation] {
            assert_eq!(
                counts.iter().map(|one| one.cases).sum::<i64>(),
                cases,
                "{sees:?}"
            );
        }
        let listed = store
            .progress_cases(sees, &holds, (None, None))
            .await
            .expect("cases");
        assert_eq!(i64::try_from(listed.len()), Ok(cases), "{sees:?}");
        let foreign = store
            .progress_cases(sees, &holds, (Some(theirs), None))
            .await
            .expect("cases");
        let own = matches!(sees, Sees::All) || sees == Sees::Organisation(theirs);
        assert_eq!(foreign.len(), if own { 2 } else { 0 }, "{sees:?}");
    }
    let gone = house
        .desk
        .candidates_of(&filter, (Some("nonsense"), 2))
        .await;
    assert!(gone.is_err());
}

/// What a migration writes of the cases there are.
fn rewritten(migration: &str) -> [&str; 2] {
    let insert = migration
        .find("INSERT INTO progress")
        .expect("it counts what there is");
    ["DELETE FROM progress", &migration[insert..]]
}

/// The numbers before and after the migration has written them anew.
async fn counted_anew(store: Store, rewrite: impl AsyncFnOnce()) {
    let house = House::new(store).await;
    house.play(3).await;
    let before = house.numbers(NumbersAsked::default()).await;
    assert!(before.cases.count > 10);
    rewrite().await;
    assert_eq!(house.numbers(NumbersAsked::default()).await, before);
}

#[tokio::test]
async fn a_file_from_before_is_counted_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("old.db");
    let store = Store::open(&path).await.expect("a store");
    counted_anew(store, async || {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
        let mut connection = sqlx::ConnectOptions::connect(&options)
            .await
            .expect("a connection");
        for text in rewritten(include_str!("../../migrations/sqlite/0012_progress.sql")) {
            let done = sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned()))
                .execute(&mut connection)
                .await;
            assert!(done.expect("it is done").rows_affected() > 10);
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_from_before_is_counted_alike() {
    let url = shared().database();
    let store = Store::connect(&url).await.expect("a store");
    counted_anew(store.clone(), async || {
        let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&url)
            .await
            .expect("a connection");
        for text in rewritten(include_str!("../../migrations/postgres/0009_progress.sql")) {
            let done = sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned()))
                .execute(&mut connection)
                .await;
            assert!(done.expect("it is done").rows_affected() > 10);
        }
    })
    .await;
    store.close().await.expect("closed");
}
