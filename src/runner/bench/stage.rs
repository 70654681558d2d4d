//! What is measured on: small workflows, and any number of cases in them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, Holidays, PhraseError};
use crate::clock::Clock;
use crate::engine::NewCase;
use crate::engine::input::Input;
use crate::message::{Mailbox, TemplateSource};
use crate::runner::opening::Candidate;
use crate::runner::versions::publish;
use crate::runner::{RunError, Runner, Settings, operator};
use crate::store::{Copies, NewPerson, PersonRef, Scratch, Store};

/// What the cases go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Play {
    /// One move at the hold's start, with one mail; then a person's word.
    Due,
    /// Three steps, each with a mail, and a day between them.
    Steps,
    /// The same as [`Play::Due`] without the mail: what is recorded is the move.
    Moves,
    /// The same as [`Play::Steps`] without the mails.
    MovesInSteps,
    /// The same as [`Play::Due`], with a mail of about four kilobytes.
    Letters,
    /// The same as [`Play::Due`], with no history but the first case's: they only wait.
    Waiting,
    /// One mail at the hold's start to its coordinator, about all cases.
    Digest,
}

const HEAD: &str = r"
workflow: bench
title: Bench
language: da
time_zone: Europe/Copenhagen
holidays: none
hours: 00:00-24:00
";

const HOLD: &str = r"
roles: {}
cohort: {title: Hold, dates: {start: {title: Start}}}
";

const DIGEST: &str = r"
roles: {coordinator: {title: Tovholder, per: cohort}}
cohort:
  title: Hold
  dates: {start: {title: Start}}
  messages: {status: {template: status, to: coordinator, when: cohort.start}}
candidate:
  title: Kandidat
  states:
    course:
      title: Forløb
      events: {finish: {title: Slut, then: finished}}
    finished: {title: Slut, final: success}
";

const DUE: &str = r"
candidate:
  title: Kandidat
  states:
    planned: {title: Før, until: cohort.start, then: course}
    course:
      title: Efter
      messages: {begun: {template: begun, to: candidate, when: entered}}
      events: {answer: {title: Svar, then: answered}}
    answered:
      title: Har svaret
      events: {finish: {title: Slut, then: finished}}
    finished: {title: Slut, final: success}
";

const STEPS: &str = r"
candidate:
  title: Kandidat
  states:
    planned: {title: Før, until: cohort.start, then: alpha}
    alpha:
      title: Første
      lasts: 1 calendar day
      then: beta
      messages: {one: {template: begun, to: candidate, when: entered}}
    beta:
      title: Anden
      lasts: 1 calendar day
      then: gamma
      messages: {two: {template: begun, to: candidate, when: entered}}
    gamma:
      title: Tredje
      messages: {three: {template: begun, to: candidate, when: entered}}
      events: {finish: {title: Slut, then: finished}}
    finished: {title: Slut, final: success}
";

impl Play {
    /// The state in which cases are when all is done.
    pub(super) fn ends_in(self) -> &'static str {
        match self {
            Self::Due | Self::Moves | Self::Letters | Self::Waiting | Self::Digest => "course",
            Self::Steps | Self::MovesInSteps => "gamma",
        }
    }

    /// How often each case is advanced.
    #[must_use]
    pub fn steps(self) -> usize {
        if self.ends_in() == "gamma" { 3 } else { 1 }
    }

    fn yaml(self) -> String {
        match self {
            Self::Due | Self::Waiting => [HEAD, HOLD, DUE].concat(),
            Self::Letters => [
                HEAD,
                HOLD,
                &DUE.replace("template: begun", "template: letter"),
            ]
            .concat(),
            Self::Steps => [HEAD, HOLD, STEPS].concat(),
            Self::Moves => [HEAD, HOLD, &without_mail(DUE)].concat(),
            Self::MovesInSteps => [HEAD, HOLD, &without_mail(STEPS)].concat(),
            Self::Digest => [HEAD, DIGEST].concat(),
        }
    }
}

/// A workflow whose states send nothing.
fn without_mail(yaml: &str) -> String {
    let kept = yaml
        .lines()
        .filter(|line| !line.trim_start().starts_with("messages:"));
    kept.flat_map(|line| [line, "\n"]).collect()
}

/// Fills an empty database, and answers its bytes: one case is opened and settled as every case is,
/// and the database copies its rows.
pub(super) async fn fill(database: &Scratch, play: Play, cases: usize) -> Result<i64, RunError> {
    let store = database.open().await?;
    let opening = Clock::manual(start()? - SignedDuration::from_hours(240));
    let runner = Runner::new(store.clone(), opening, settings()?);
    let case = open(&runner, play).await?;
    let copies = Copies {
        of: case,
        count: i64::try_from(cases).unwrap_or(i64::MAX) - 1,
        apart: 0,
        history: play != Play::Waiting,
    };
    store.copy_case(copies).await?;
    store.settle_down().await?;
    let bytes = store.bytes().await?;
    store.close().await?;
    Ok(bytes)
}

/// A hold with one case on it that has nothing to do before the hold's start; its row id.
async fn open(runner: &Runner, play: Play) -> Result<i64, RunError> {
    let yaml = play.yaml();
    let version = publish(
        runner.store(),
        "bench.yaml",
        &yaml,
        "bench",
        &templates(),
        runner.now(),
    )
    .await?;
    let dates = BTreeMap::from([("start".into(), jiff::civil::date(2026, 2, 2))]);
    let hold = runner
        .open_cohort(version, "Bench", dates, BTreeMap::new(), &BTreeMap::new())
        .await?;
    let opened = runner.open_cases(hold.id, &[candidate()]).await?;
    let case = opened.first().map(|case| case.id);
    let case = case.ok_or_else(|| RunError::Inconsistent("no case was opened".into()))?;
    if play == Play::Digest {
        let rows = runner.store().load(&[case]).await?.subjects;
        let people = rows.iter().filter_map(|row| row.person_id).collect();
        let role = "coordinator".into();
        let input = Input::Assign { role, people };
        runner
            .input(hold.id, &input, &operator("bench"), None)
            .await?;
    }
    runner.work(runner.now()).await?;
    Ok(case)
}

/// What the mail of a case is made from.
const WORDS: [(&str, &str); 3] = [
    ("subject.hbs", "Velkommen"),
    ("body.txt.hbs", "Kære {{candidate.name}}"),
    ("body.html.hbs", "<p>Kære {{candidate.name}}</p>"),
];

/// How often the sentence of a letter stands in it: as text, and as HTML.
const SENTENCES: usize = 20;

pub(super) fn templates() -> TemplateSource {
    let sentence = "Her staar, hvad der skal ske i de kommende uger, og hvem der hjaelper dig. ";
    let text = format!(
        "Kære {{{{candidate.name}}}}\n\n{}",
        [sentence, "\n"].concat().repeat(SENTENCES)
    );
    let paragraph = format!("<p>{sentence}</p>\n").repeat(SENTENCES);
    let html = format!("<p>Kære {{{{candidate.name}}}}</p>\n{paragraph}");
    let letter = [
        ("subject.hbs", "Velkommen"),
        ("body.txt.hbs", &*text),
        ("body.html.hbs", &*html),
    ];
    let list = "{{#each cases}}{{name}}: {{state}}\n{{/each}}";
    let digest = [
        ("subject.hbs", "Status"),
        ("body.txt.hbs", list),
        ("body.html.hbs", list),
    ];
    let named = |name: &'static str| {
        move |(file, text): (&str, &str)| (format!("da/{name}/{file}"), text.to_owned())
    };
    let files = WORDS
        .into_iter()
        .map(named("begun"))
        .chain(letter.into_iter().map(named("letter")))
        .chain(digest.into_iter().map(named("status")));
    TemplateSource {
        files: files.collect(),
    }
}

pub(super) fn candidate() -> Candidate {
    let person = NewPerson {
        name: "Kandidat 1".to_owned(),
        email: Some("kandidat1@eksempel.example".to_owned()),
        ..NewPerson::default()
    };
    Candidate {
        person: PersonRef::New(person),
        born: None,
        organisation_id: None,
        case: NewCase::default(),
    }
}

/// The instant at which everybody is due, as the workflow's calendar has it.
pub(super) fn start() -> Result<Timestamp, RunError> {
    let hours = "00:00-24:00"
        .parse()
        .map_err(|error: PhraseError| RunError::Inconsistent(error.message))?;
    let calendar = Calendar::new("Europe/Copenhagen", Holidays::None, Vec::new(), hours)
        .map_err(|error| RunError::Inconsistent(error.name))?;
    Ok(calendar.start_of(jiff::civil::date(2026, 2, 2)))
}

/// A runner on a store that was filled.
pub(super) fn runner(store: &Store, clock: Clock) -> Result<Runner, RunError> {
    Ok(Runner::new(store.clone(), clock, settings()?))
}

pub(super) fn settings() -> Result<Settings, RunError> {
    let from = Mailbox::parse("Bench", "bench@eksempel.example")
        .map_err(|error| RunError::Inconsistent(error.to_string()))?;
    let mut settings = Settings::new(from, "Bench");
    // All of its mails go to one address.
    settings.recipient_max = 0;
    Ok(settings)
}
