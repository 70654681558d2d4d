//! Digests: to each its own cases only, what is new first, and figures for whoever reads of all.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Span;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use tovholder::channel::{Channel, MemoryAnswer, MemoryChannel, SendError};
use tovholder::clock::Clock;
use tovholder::engine::NewCase;
use tovholder::engine::input::{Actor, Input};
use tovholder::message::TemplateSource;
use tovholder::runner::versions::publish;
use tovholder::runner::{Candidate, Mailer, Runner};
use tovholder::store::{
    NewOrganisation, NewPerson, OutboxFilter, PersonImport, PersonRef, Sees, Status, Store,
};

use super::support::stage::settings;

const WORKFLOW: &str = r"
workflow: prove
title: Prøve
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles:
  job_consultant: {title: Jobkonsulent, per: candidate}
  management: {title: Ledelsen, per: workflow}
cohort:
  dates: {start: {title: Start, weekday: monday}}
  messages:
    to_jobcentre: {template: own, to: jobcentre, every: friday at 12:00, from: 8 weeks before cohort.start, until: 8 weeks after cohort.start, about: [course, work, gone]}
    to_consultant: {template: own, to: job_consultant, every: friday at 12:00, from: 8 weeks before cohort.start, until: 8 weeks after cohort.start, about: [course, work, gone]}
candidate:
  states:
    course:
      title: Kursus
      until: cohort.start
      then: work
      events: {absence: {title: Fravær}, stop: {title: Stopper, then: gone}}
    work:
      title: Arbejde
      lasts: 2 weeks
      then: hired
      events: {absence: {title: Fravær}, stop: {title: Stopper, then: gone}}
    hired: {title: Færdig, final: success}
    gone: {title: Stoppet, final: dropout}
messages:
  all_jobcentres: {template: own, to: jobcentre, every: friday at 12:00, about: [course, work]}
  figures: {template: figures, to: management, every: friday at 12:00, about: [course, work, hired]}
targets: {jobs: {title: Job, reached: work, at_least: 4, deadline: 2026-12-31}}
";

fn templates() -> TemplateSource {
    // What is told stands in the subject, where it can be read as people read it.
    let own = "{{#if is_first}}first{{else}}{{#each changes}}{{name}}: {{what}}; {{else}}nothing new{{/each}}{{/if}}\
               |{{#each cohorts}}{{title}}: {{#each states}}{{title}} {{#each cases}}{{name}} {{/each}}{{/each}}{{/each}}\
               |{{#each cases}}{{name}}, {{absences}}, {{missed}}, {{#each next}}{{what}} {{short_date this.date}} {{/each}}; {{/each}}";
    let figures = "{{#each targets}}{{title}} {{reached}}/{{at_least}} of {{of}}, {{percent}} %{{/each}}\
                   {{#each funnel}}|{{title}} {{this.count}} {{share}} {{bar}}{{/each}}";
    let mut files = BTreeMap::new();
    for (name, text) in [("own", own), ("figures", figures)] {
        for file in ["subject.hbs", "body.txt.hbs", "body.html.hbs"] {
            files.insert(format!("da/{name}/{file}"), text.to_owned());
        }
    }
    TemplateSource { files }
}

/// A mail: to whom, and what it says.
type Said = (String, String);

struct House {
    runner: Runner,
    mailer: Mailer,
    channel: MemoryChannel,
    version: i64,
    organisations: Vec<i64>,
    consultants: Vec<i64>,
    read: usize,
}

impl House {
    /// From Tuesday 6 January 2026, with so many jobcentres and consultants.
    async fn new(organisations: usize, consultants: usize) -> Self {
        let zone = jiff::tz::TimeZone::get("Europe/Copenhagen").expect("a zone");
        let begins = date(2026, 1, 6).at(10, 0, 0, 0).to_zoned(zone);
        let store = Store::open_in_memory().await.expect("a store");
        let clock = Clock::manual(begins.expect("a moment").timestamp());
        let runner = Runner::new(store, clock, settings());
        let store = runner.store();
        let (templates, now) = (templates(), runner.now());
        let version = publish(store, "prove.yaml", WORKFLOW, "prove", &templates, now);
        let version = version.await.expect("published");
        let mut ids = Vec::new();
        for number in 0..organisations {
            let organisation = NewOrganisation {
                name: format!("Jobcenter {number}"),
                email: Some(format!("jobcentre{number}@kommune.example")),
                ..NewOrganisation::default()
            };
            ids.push(store.upsert_organisation(organisation).await.expect("one"));
        }
        let mut people = Vec::new();
        for number in 0..=consultants {
            let person = PersonImport {
                name: format!("Ansat {number}"),
                email: Some(format!("consultant{number}@kommune.example")),
                ..PersonImport::default()
            };
            people.push(store.upsert_person(person).await.expect("one"));
        }
        let leader = people.pop().into_iter().collect();
        let opened = runner.open_workflow(version, [("management".into(), leader)].into());
        opened.await.expect("the workflow's own mail");
        let channel = MemoryChannel::new();
        let mailer = Mailer::new(runner.clone(), Channel::Memory(channel.clone()));
        Self {
            mailer,
            channel,
            version,
            organisations: ids,
            consultants: people,
            read: 0,
            runner,
        }
    }

    async fn hold(&self, title: &str, start: Date) -> i64 {
        let dates = [("start".into(), start)].into();
        let facts = BTreeMap::new();
        let people = BTreeMap::new();
        let opened = self
            .runner
            .open_cohort(self.version, title, dates, people, &facts);
        opened.await.expect("a hold").id
    }

    async fn case(&self, hold: i64, name: &str, organisation: usize, consultant: usize) -> i64 {
        let consultant = vec![self.consultants[consultant]];
        let candidate = Candidate {
            person: PersonRef::New(NewPerson {
                name: name.to_owned(),
                ..NewPerson::default()
            }),
            born: None,
            organisation_id: Some(self.organisations[organisation]),
            case: NewCase {
                people: [("job_consultant".into(), consultant)].into(),
                ..NewCase::default()
            },
        };
        let opened = self.runner.open_cases(hold, &[candidate]).await;
        opened.expect("a case")[0].id
    }

    async fn input(&self, case: i64, input: Input) {
        let actor = Actor {
            role: None,
            from: "test".into(),
        };
        let done = self.runner.input(case, &input, &actor, None).await;
        done.expect("it is taken");
    }

    async fn fire(&self, case: i64, event: &str) {
        let input = Input::Fire {
            event: event.into(),
            set: BTreeMap::new(),
            override_reason: None,
            another: true,
        };
        self.input(case, input).await;
    }

    /// Works and mails at noon of a day, and answers what was said.
    async fn noon(&mut self, day: Date) -> Vec<Said> {
        let zone = jiff::tz::TimeZone::get("Europe/Copenhagen").expect("a zone");
        let noon = day.at(12, 0, 0, 0).to_zoned(zone).expect("a moment");
        self.runner.clock().move_to(noon.timestamp());
        self.runner.work(self.runner.now()).await.expect("it works");
        while self.mailer.run_once().await.expect("it mails").looked_at > 0 {}
        let sent = self.channel.sent();
        let new = sent.get(self.read..).unwrap_or_default();
        let said = new
            .iter()
            .map(|mail| (mail.recipients.join(","), mail.subject.clone()));
        let said = said.collect();
        self.read = sent.len();
        said
    }
}

fn friday(week: i64) -> Date {
    date(2026, 1, 9).saturating_add(Span::new().weeks(week))
}

/// What was said to an address, by its first words.
fn to<'s>(said: &'s [Said], address: &str) -> Vec<&'s str> {
    let said = said.iter().filter(|(to, _)| to.starts_with(address));
    said.map(|(_, words)| words.as_str()).collect()
}

#[tokio::test]
async fn each_time_begins_with_what_is_new_since_the_last() {
    let mut house = House::new(1, 2).await;
    let hold = house.hold("Hold 1", date(2026, 1, 19)).await;
    let anna = house.case(hold, "Aage Aagren", 0, 0).await;
    let bo = house.case(hold, "Bo Zacho", 0, 0).await;
    let said = house.noon(friday(0)).await;
    let days = "Arbejde begynder 19.1.2026 Arbejde slutter 30.1.2026 ";
    let list = format!(
        "|Hold 1: Kursus Bo Zacho Aage Aagren |Bo Zacho, 0, 0, {days}; Aage Aagren, 0, 0, {days};"
    );
    assert_eq!(to(&said, "consultant0"), [format!("first{list}")]);
    // Not the clock: nothing has happened.
    let said = house.noon(friday(1)).await;
    assert_eq!(to(&said, "consultant0"), [format!("nothing new{list}")]);
    // Time leads on, people stay away, somebody comes.
    for _ in 0..2 {
        house.fire(anna, "absence").await;
    }
    house.case(hold, "Cæcilie Holm", 0, 0).await;
    house.noon(date(2026, 1, 19)).await;
    house.fire(bo, "stop").await;
    let said = house.noon(friday(2)).await;
    let news: Vec<&str> = to(&said, "consultant0")
        .iter()
        .filter_map(|words| words.split('|').next())
        .collect();
    assert_eq!(
        news,
        [
            "Bo Zacho: fra Kursus til Stoppet; Cæcilie Holm: ny på listen; \
          Aage Aagren: fra Kursus til Arbejde, fravær 2 gange siden sidst; "
        ]
    );
    assert_eq!(
        to(&said, "consultant0")[0].split('|').nth(1),
        Some("Hold 1: Arbejde Cæcilie Holm Aage Aagren Stoppet Bo Zacho ")
    );
    // Who goes to another consultant is not told of any more; that one hears of a case for the first time.
    let input = Input::Assign {
        role: "job_consultant".into(),
        people: vec![house.consultants[1]],
    };
    house.input(anna, input).await;
    let said = house.noon(friday(3)).await;
    assert!(
        to(&said, "consultant0")[0].starts_with("nothing new|Hold 1: Arbejde Cæcilie Holm Stoppet")
    );
    assert!(to(&said, "consultant1")[0].starts_with("first|Hold 1: Arbejde Aage Aagren |"));
}

#[tokio::test]
async fn what_did_not_leave_was_not_told() {
    let mut house = House::new(1, 1).await;
    let hold = house.hold("Hold 1", date(2026, 3, 2)).await;
    let anna = house.case(hold, "Anna", 0, 0).await;
    house.noon(friday(0)).await;
    house.fire(anna, "absence").await;
    // All of the second week's mail is refused for good.
    let message = "550 no".to_owned();
    let no = MemoryAnswer::Refuse(SendError::Permanent { message });
    house.channel.answer_next(vec![no; 4]);
    assert_eq!(house.noon(friday(1)).await, []);
    let failed = OutboxFilter {
        before: None,
        status: Some(Status::Failed),
        cohort: None,
        subject: None,
        unseen: false,
        limit: 10,
    };
    let failed = house.runner.store().outbox(Sees::All, &failed).await;
    assert_eq!(failed.expect("the outbox").len(), 4);
    let said = house.noon(friday(2)).await;
    assert!(to(&said, "consultant0")[0].starts_with("Anna: fravær 1 gang siden sidst; |"));
    let said = house.noon(friday(3)).await;
    assert!(to(&said, "consultant0")[0].starts_with("nothing new|"));
}

#[tokio::test]
async fn whoever_reads_of_all_reads_figures() {
    let mut house = House::new(2, 1).await;
    let early = house.hold("Hold 1", date(2026, 1, 12)).await;
    let late = house.hold("Hold 2", date(2026, 3, 2)).await;
    for name in ["Anna", "Bo", "Eva"] {
        house.case(early, name, 0, 0).await;
    }
    let ida = house.case(early, "Ida", 1, 0).await;
    house.case(late, "Per", 1, 0).await;
    house.fire(ida, "stop").await;
    house.noon(date(2026, 1, 12)).await;
    let said = house.noon(friday(1)).await;
    let ten = "█".repeat(18);
    let all = "█".repeat(30);
    assert_eq!(
        to(&said, "consultant1"),
        [format!(
            "Job 3/4 of 5, 75 %|Kursus 5 100 {all}|Arbejde 3 60 {ten}|Færdig 0 0"
        )]
    );
}

#[derive(Clone, Debug)]
struct Player {
    hold: usize,
    organisation: usize,
    consultant: usize,
    /// In which week, and what: stays away, stops, goes to the next consultant.
    does: (i64, u8),
}

fn players() -> impl Strategy<Value = Vec<Player>> {
    let player = (0..2usize, 0..3usize, 0..3usize, (0..3i64, 0..4u8));
    let player = player.prop_map(|(hold, organisation, consultant, does)| Player {
        hold,
        organisation,
        consultant,
        does,
    });
    prop::collection::vec(player, 0..9)
}

/// Plays three weeks, and says what was wrong with any digest.
async fn plays(players: &[Player]) -> Result<(), String> {
    let mut house = House::new(3, 3).await;
    let holds = [
        house.hold("Hold 1", date(2026, 1, 12)).await,
        house.hold("Hold 2", date(2026, 1, 19)).await,
    ];
    let mut cases = Vec::new();
    let name = |number: usize| format!("Kandidat-{number}.");
    for (number, player) in players.iter().enumerate() {
        let Player {
            hold,
            organisation,
            consultant,
            ..
        } = player;
        let name = name(number);
        let case = house.case(holds[*hold], &name, *organisation, *consultant);
        cases.push(case.await);
    }
    let mut own: Vec<usize> = players.iter().map(|player| player.consultant).collect();
    for week in 0..3 {
        let said = house.noon(friday(week)).await;
        for (address, words) in &said {
            let told: BTreeSet<usize> = (0..players.len())
                .filter(|number| words.contains(&name(*number)))
                .collect();
            let is_own = |number: usize| {
                *address == format!("jobcentre{}@kommune.example", players[number].organisation)
                    || *address == format!("consultant{}@kommune.example", own[number])
            };
            if let Some(number) = told.iter().find(|number| !is_own(**number)) {
                return Err(format!("{address} is told of {number}: {words}"));
            }
            let is_figures = address.starts_with("consultant3@");
            if is_figures != told.is_empty() {
                return Err(format!("{address} reads {words:?}"));
            }
        }
        for number in 0..players.len() {
            let addresses = [
                format!("jobcentre{}@", players[number].organisation),
                format!("consultant{}@", own[number]),
            ];
            for address in addresses {
                let told = to(&said, &address);
                // Nobody is through before the third Friday.
                if !told.iter().any(|words| words.contains(&name(number))) {
                    return Err(format!("{address} is not told of {number}: {told:?}"));
                }
            }
        }
        for (number, player) in players.iter().enumerate() {
            match player.does {
                (on, 1) if on == week => house.fire(cases[number], "absence").await,
                (on, 2) if on == week => house.fire(cases[number], "stop").await,
                (on, 3) if on == week => {
                    own[number] = (own[number] + 1) % 3;
                    let people = vec![house.consultants[own[number]]];
                    let role = "job_consultant".into();
                    house
                        .input(cases[number], Input::Assign { role, people })
                        .await;
                }
                _ => {}
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_digest_names_a_candidate_of_another(players in players()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let played = runtime.expect("a runtime").block_on(plays(&players));
        prop_assert!(played.is_ok(), "{played:?}");
    }
}
