//! A year of shipped workflows: phases, drafts, clashes, weeks; and a new hold from an old one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use tovholder::clock::Clock;
use tovholder::runner::Runner;
use tovholder::runner::desk::{
    Clash, ClashKind, CohortNew, DaysAsked, Desk, Fire, WeekLineKind, Year, YearHold, YearStage,
};
use tovholder::runner::versions::publish;
use tovholder::store::{PersonImport, Store};

use super::support::stage::{settings, shipped, templates};

const JRS: &str = "jrs-bliv-klar-til-sosu";

struct House {
    desk: Desk,
    clock: Clock,
    versions: BTreeMap<String, i64>,
}

fn moment(day: Date) -> Timestamp {
    let zone = jiff::tz::TimeZone::get("Europe/Copenhagen").expect("a zone");
    day.at(10, 0, 0, 0)
        .to_zoned(zone)
        .expect("a moment")
        .timestamp()
}

fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
    given
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

impl House {
    async fn at(today: Date, workflows: &[&str]) -> Self {
        let clock = Clock::manual(moment(today));
        let store = Store::open_in_memory().await.expect("a store");
        let runner = Runner::new(store, clock.clone(), settings());
        let texts = templates();
        let mut versions = BTreeMap::new();
        for name in workflows {
            let (file, yaml) = (format!("{name}.yaml"), shipped(name));
            let version = publish(runner.store(), &file, &yaml, name, &texts, runner.now());
            versions.insert((*name).to_owned(), version.await.expect("published"));
        }
        for name in ["Tove Ø", "Uffe Å", "Skolen"] {
            let person = PersonImport {
                name: name.to_owned(),
                email: Some(format!("{}@skole.example", &name[..4].to_lowercase())),
                ..PersonImport::default()
            };
            runner.store().upsert_person(person).await.expect("one");
        }
        Self {
            desk: Desk::new(runner),
            clock,
            versions,
        }
    }

    async fn hold(
        &self,
        workflow: &str,
        title: &str,
        dates: &[(&str, &str)],
        roles: &[(&str, &str)],
    ) {
        let new = CohortNew {
            title: title.to_owned(),
            dates: pairs(dates),
            roles: pairs(roles),
            set: Vec::new(),
            id: None,
        };
        let created = self.desk.create_cohort(self.versions[workflow], &new).await;
        created.expect("a hold");
    }

    async fn fire(&self, of: &str, event: &str, set: &[(&str, &str)], at: Option<&str>) {
        let fire = Fire {
            of: of.to_owned(),
            event: event.to_owned(),
            set: pairs(set),
            role: None,
            from: None,
            override_reason: None,
            another: true,
            at: at.map(|at| at.parse().expect("a moment")),
            place: None,
            assign: Vec::new(),
            absent: Vec::new(),
            key: None,
            expect: None,
        };
        self.desk.fire(&fire).await.expect("it is taken");
    }

    async fn year(&self, year: i16) -> Year {
        self.desk.year(year).await.expect("a year")
    }
}

fn of<'y>(year: &'y Year, title: &str) -> &'y YearHold {
    year.holds
        .iter()
        .find(|hold| hold.title == title)
        .expect("a hold")
}

fn words(clashes: &[Clash], kind: ClashKind) -> Vec<&str> {
    let those = clashes.iter().filter(|clash| clash.kind == kind);
    those.map(|clash| clash.words.as_str()).collect()
}

#[tokio::test]
async fn a_hold_is_a_draft_until_it_is_adopted() {
    let house = House::at(date(2027, 1, 11), &[JRS, "holstebro-introforloeb"]).await;
    house
        .hold(JRS, "Hold 1", &[("start", "2027-04-26")], &[])
        .await;
    house
        .hold(
            "holstebro-introforloeb",
            "Hold 2",
            &[("start", "2027-04-26")],
            &[],
        )
        .await;
    let stage = async |title: &str| of(&house.year(2027).await, title).stage;
    assert_eq!(stage("Hold 1").await, YearStage::Draft);
    assert_eq!(stage("Hold 2").await, YearStage::Planned);
    house
        .fire("Hold 1", "map_need.done", &[("profile", "16 ledige")], None)
        .await;
    assert_eq!(stage("Hold 1").await, YearStage::Draft);
    house.fire("Hold 1", "draft_wheel.done", &[], None).await;
    assert_eq!(stage("Hold 1").await, YearStage::Proposed);
    house.fire("Hold 1", "adopt_wheel.done", &[], None).await;
    assert_eq!(stage("Hold 1").await, YearStage::Adopted);
    house.clock.move_to(moment(date(2027, 4, 26)));
    assert_eq!(stage("Hold 1").await, YearStage::Running);
    house.clock.move_to(moment(date(2027, 12, 1)));
    assert_eq!(stage("Hold 1").await, YearStage::Ended);
    house
        .desk
        .do_days("Hold 2", DaysAsked::Cancel)
        .await
        .expect("called off");
    assert_eq!(stage("Hold 2").await, YearStage::Cancelled);
}

#[tokio::test]
async fn phases_and_windows_follow_from_the_dates() {
    let house = House::at(
        date(2026, 11, 2),
        &[JRS, "odense-for-forloeb", "horsens-hverdagsguider"],
    )
    .await;
    house
        .hold(JRS, "Hold 1", &[("start", "2027-04-26")], &[])
        .await;
    house
        .hold(
            "odense-for-forloeb",
            "Hold 2",
            &[("start", "2027-02-01"), ("gf_start", "2027-03-15")],
            &[],
        )
        .await;
    let days = [
        ("start", "2027-02-03"),
        ("training_end", "2027-04-07"),
        ("end", "2027-12-15"),
    ];
    house
        .hold("horsens-hverdagsguider", "Hold 3", &days, &[])
        .await;
    let year = house.year(2027).await;
    let told = |title: &str| {
        let phases = of(&year, title).phases.iter();
        let told = phases.map(|phase| {
            format!(
                "{} {} {} {}",
                phase.title, phase.first, phase.last, phase.holds_place
            )
        });
        told.collect::<Vec<String>>()
    };
    assert_eq!(
        told("Hold 1"),
        [
            "Kursus 2027-04-26 2027-05-28 true",
            "Jobmatch efter kurset 2027-05-31 2027-08-27 false"
        ]
        .map(|line| line.replace("Jobmatch efter kurset", "Jobmatch"))
    );
    assert_eq!(told("Hold 2")[0], "For-forløb 2027-02-01 2027-02-26 true");
    assert_eq!(told("Hold 3"), ["Hold 2027-02-03 2027-12-15 false"]);
    let windows: Vec<_> = of(&year, "Hold 1")
        .windows
        .iter()
        .map(|one| (&*one.title, one.first, one.last))
        .collect();
    assert_eq!(
        windows[0],
        ("Informationsmøde", date(2027, 3, 15), date(2027, 4, 5))
    );
    // A weekly school day is there each week, and skips nobody's holiday by itself.
    let school = of(&year, "Hold 2")
        .meetings
        .iter()
        .filter(|one| one.title.contains("refleksionsdag"))
        .count();
    assert_eq!(school, 4);
    let week = year
        .weeks
        .iter()
        .find(|week| week.number == 17)
        .expect("week 17");
    let begins = week
        .lines
        .iter()
        .find(|line| line.kind == WeekLineKind::Begins)
        .expect("something begins");
    assert_eq!(
        (begins.day, &*begins.words),
        (date(2027, 4, 26), "Hold 1: Kursus begynder")
    );
    assert_eq!(
        (year.weeks.len(), house.year(2026).await.weeks.len()),
        (52, 53)
    );
}

#[tokio::test]
async fn clashes_are_told_and_nothing_else_is() {
    let house = House::at(date(2026, 6, 1), &[JRS, "holstebro-introforloeb"]).await;
    let tove = [("coordinator", "tove@skole.example")];
    let uffe = [
        ("coordinator", "uffe@skole.example"),
        ("education_consultant", "uffe@skole.example"),
    ];
    house
        .hold(JRS, "Påske", &[("start", "2027-03-29")], &tove)
        .await;
    house
        .hold(JRS, "Jul", &[("start", "2026-11-30")], &uffe)
        .await;
    house
        .hold(JRS, "Sommer", &[("start", "2027-06-07")], &uffe)
        .await;
    house
        .hold(JRS, "Også sommer", &[("start", "2027-06-21")], &uffe)
        .await;
    house
        .hold(
            "holstebro-introforloeb",
            "Andet",
            &[("start", "2027-06-14")],
            &uffe,
        )
        .await;
    let year = house.year(2027).await;
    assert_eq!(
        words(&year.clashes, ClashKind::Closed),
        ["Påske: »Første kursusdag« mandag den 29. marts 2027 er 2. påskedag."]
    );
    assert_eq!(words(&year.clashes, ClashKind::SamePeople), [""; 0]);
    assert_eq!(
        words(&year.clashes, ClashKind::SamePhase),
        [
            "Sommer og Også sommer er begge i »Kursus« 21. juni - 9. juli 2027, 32 pladser i alt; Uffe Å er på begge hold."
        ]
    );
    let short = words(&house.year(2026).await.clashes, ClashKind::ShortWeeks).join("\n");
    assert_eq!(
        short,
        "Jul: »Kursus« har kun 3 hverdage i uge 52 og kun 3 hverdage i uge 53 \
         (lukkedag (24. december), juledag, lukkedag (31. december), nytårsdag)."
    );
    // A summer without closed days has nothing to tell, and jobmatch over Christmas loses no lesson.
    let of_summer = |clash: &&Clash| clash.words.starts_with("Sommer:");
    assert_eq!(year.clashes.iter().filter(of_summer).count(), 0);
    for title in ["Sommer", "Også sommer"] {
        house
            .fire(title, "info_meeting.booked", &[], Some("2027-05-12T13:00"))
            .await;
    }
    let year = house.year(2027).await;
    assert_eq!(
        words(&year.clashes, ClashKind::SamePeople),
        [
            "Uffe Å skal være to steder onsdag den 12. maj 2027 kl. 13.00: »Informationsmøde« (Sommer) og »Informationsmøde« (Også sommer)."
        ]
    );
    house
        .desk
        .do_days("Også sommer", DaysAsked::Cancel)
        .await
        .expect("called off");
    let year = house.year(2027).await;
    assert!(words(&year.clashes, ClashKind::SamePhase).is_empty());
    assert!(words(&year.clashes, ClashKind::SamePeople).is_empty());
}

#[tokio::test]
async fn a_new_hold_is_taken_from_an_old_one() {
    let house = House::at(date(2026, 11, 2), &[JRS, "odense-for-forloeb"]).await;
    let roles = [
        ("coordinator", "tove@skole.example"),
        ("school", "skol@skole.example"),
    ];
    let dates = [("start", "2027-02-01"), ("gf_start", "2027-03-15")];
    house
        .hold("odense-for-forloeb", "Hold 1", &dates, &roles)
        .await;
    let set = [
        ("first_day_time", "Kl. 7.30"),
        ("school_place", "Skolevej 1"),
    ];
    house.fire("Hold 1", "practical.done", &set, None).await;
    let before = house.desk.cohorts().await.expect("holds").len();
    let like = house
        .desk
        .cohort_like("Hold 1", date(2027, 2, 15), None)
        .await
        .expect("a proposal");
    assert_eq!(
        house.desk.cohorts().await.expect("holds").len(),
        before,
        "nothing is saved"
    );
    let days: Vec<(&str, Date)> = like
        .dates
        .iter()
        .map(|one| (one.name.as_str(), one.date))
        .collect();
    // Two weeks later is 2. påskedag: the Monday after.
    assert_eq!(
        days,
        [("start", date(2027, 2, 15)), ("gf_start", date(2027, 4, 5))]
    );
    assert!(
        like.dates[1]
            .moved
            .as_ref()
            .is_some_and(|why| why.contains("2. påskedag")),
        "{:?}",
        like.dates
    );
    assert_eq!(like.title, "Hold 2");
    assert_eq!(like.facts.len(), 2);
    // Two school days are on the same days: told once.
    let school = words(&like.clashes, ClashKind::SamePeople);
    assert_eq!(school.len(), 1, "{school:?}");
    assert!(school[0].starts_with("Skolen skal være to steder onsdag den 17. februar 2027 kl. 8.30 og igen onsdag den 24. februar 2027:"), "{school:?}");
    let together = words(&like.clashes, ClashKind::SamePhase).join("\n");
    assert!(
        together.contains("Skolen og Tove Ø er på begge hold"),
        "{:?}",
        like.clashes
    );
    let created = house
        .desk
        .create_cohort(like.version_id, &like.to_new())
        .await
        .expect("a hold");
    assert_eq!(created.title, "Hold 2");
    let shown = house
        .desk
        .cohort_shown("Hold 2")
        .await
        .expect("it is there");
    let coordinator = shown
        .people
        .iter()
        .find(|(role, _)| role == "Tovholder")
        .expect("a role");
    assert_eq!(coordinator.1, ["Tove Ø"]);
    // The same again has the same facts, also those that are words; and a title that is free.
    let again = house
        .desk
        .cohort_like("Hold 2", date(2027, 3, 1), None)
        .await
        .expect("a proposal");
    assert_eq!((again.facts, again.title.as_str()), (like.facts, "Hold 3"));
    let tuesday = house
        .desk
        .cohort_like("Hold 1", date(2027, 2, 16), None)
        .await;
    assert!(
        tuesday
            .expect_err("a Tuesday")
            .to_string()
            .contains("Det skal være en mandag")
    );
}
