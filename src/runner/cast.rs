//! The cast of a simulation or demo: invented people, a hold, its candidates, and when they come.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, time};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::assumed::{Arrival, Assumed, ToldWhat, sample_of};
use super::opening::Candidate;
use super::versions::{Version, publish};
use super::{People, RunError, Runner};
use crate::calendar::Direction;
use crate::definition::model::{
    Anchor, CANDIDATE, JOBCENTRE, MeetingTime, Name, Per, Point, Scenario, Scope, StepKind,
    Workflow,
};
use crate::definition::value::Value;
use crate::engine::NewCase;
use crate::engine::input::{Given, Input, TaskAct};
use crate::message::TemplateSource;
use crate::store::{NewOrganisation, NewPerson, PersonImport, PersonRef};

/// Who plays, in what, from when.
#[derive(Clone, Debug)]
pub struct Cast {
    /// Name of the workflow file, for reports.
    pub file: String,
    /// The YAML.
    pub yaml: String,
    /// Its templates.
    pub templates: TemplateSource,
    /// The checked workflow.
    pub workflow: Arc<Workflow>,
    /// The hold's title.
    pub title: String,
    /// The hold's dates.
    pub dates: BTreeMap<Name, Date>,
    /// The candidates.
    pub players: Vec<Player>,
    /// What happens instead of what would be assumed.
    pub said: Vec<Said>,
    /// Nothing is assumed: a scenario says everything.
    pub only_said: bool,
    /// When the hold is created, when that is not left to the plan.
    pub begins_at: Option<Timestamp>,
}

/// A candidate of the cast.
#[derive(Clone, Debug, Default)]
pub struct Player {
    /// In full.
    pub name: String,
    /// Mail address.
    pub email: Option<String>,
    /// Day of birth.
    pub born: Option<Date>,
    /// The organisation's name.
    pub organisation: Option<String>,
    /// Facts known from the start.
    pub facts: BTreeMap<Name, Given>,
    /// Row ids are not known yet: e-mail addresses of people, by role.
    pub roles: BTreeMap<Name, Vec<String>>,
}

/// Something said about a player, or about the hold.
#[derive(Clone, Debug)]
pub struct Said {
    /// The player's place in the list; `None`: the hold.
    pub player: Option<usize>,
    /// When, if it is not left to the plan.
    pub at: Option<Timestamp>,
    /// What.
    pub what: ToldWhat,
}

/// A stage that is set.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The published version.
    pub version: Arc<Version>,
    /// The workflow.
    pub workflow: Arc<Workflow>,
    /// The hold's row id.
    pub cohort_id: i64,
    /// When it was created.
    pub begins: Timestamp,
    /// People, with the candidates still to come.
    pub assumed: Assumed,
    /// The hold's dates.
    pub dates: BTreeMap<Name, Date>,
    /// The candidates' names, in the order of the cast.
    pub candidates: Vec<String>,
    /// Titles of tasks, meetings and events, by key.
    pub titles: BTreeMap<String, String>,
}

impl Cast {
    /// When the hold is created: a week before the plan first asks something of anyone, and at
    /// least three weeks before it starts; at the opening of the send hours.
    #[must_use]
    pub fn begins(&self) -> Timestamp {
        self.begins_at
            .unwrap_or_else(|| self.opening(self.earliest(|_| true), 7, 21))
    }

    /// When the candidates come: a week before the first thing that concerns them, and at least four weeks before the start.
    #[must_use]
    pub fn arrive(&self) -> Timestamp {
        if let Some(begins) = self.begins_at {
            return begins;
        }
        self.opening(self.earliest(|of_hold| !of_hold), 7, 28)
            .max(self.begins())
    }

    fn opening(&self, earliest: Option<Date>, days: i64, least: i64) -> Timestamp {
        let calendar = &self.workflow.calendar;
        let start = self
            .dates
            .get("start")
            .copied()
            .unwrap_or(Date::constant(2026, 2, 2));
        let latest = start.saturating_sub(least.days());
        let day = earliest.map_or(latest, |earliest| {
            earliest.saturating_sub(days.days()).min(latest)
        });
        calendar.instant(
            calendar
                .workday_on_or_before(day)
                .to_datetime(calendar.hours().from),
        )
    }

    /// The earliest day that a point measured from the hold's dates names.
    fn earliest(&self, wanted: impl Fn(bool) -> bool) -> Option<Date> {
        let calendar = &self.workflow.calendar;
        let day = |point: &Point| match &point.anchor {
            Anchor::HoldDate(name) => {
                let date = self.dates.get(name)?;
                let shift = point
                    .shift
                    .as_ref()
                    .filter(|shift| shift.direction == Direction::Before)?;
                Some(calendar.shift_day(*date, Some(shift)))
            }
            _ => None,
        };
        let states = self
            .workflow
            .states
            .iter()
            .map(|state| (&state.scope, false));
        let scopes = states.chain([(&self.workflow.cohort.scope, true)]);
        let windows = |scope: &Scope| -> Vec<Date> {
            let windows = scope
                .meetings
                .iter()
                .filter_map(|meeting| match &meeting.when {
                    MeetingTime::Between(from, _) => day(from),
                    MeetingTime::Every(_) | MeetingTime::Free => None,
                });
            windows.collect()
        };
        let dues = |scope: &Scope| -> Vec<Date> {
            scope
                .tasks
                .iter()
                .filter_map(|task| day(task.due.as_ref()?))
                .collect()
        };
        scopes
            .flat_map(|(scope, of_hold)| {
                // A hold's meeting is about candidates, so they must be there before it.
                let mut days = windows(scope);
                if wanted(of_hold) {
                    days.extend(dues(scope));
                }
                days
            })
            .min()
    }

    /// Publishes the workflow, invents its people, and opens the hold.
    pub async fn set(&self, runner: &Runner) -> Result<Stage, RunError> {
        let begins = self.begins();
        let version_id = publish(
            runner.store(),
            &self.file,
            &self.yaml,
            &self.templates,
            begins,
        )
        .await?;
        let version = runner.version(version_id).await?;
        let people = self.invent(runner).await?;
        let workflow = &self.workflow;
        let of = |per: Per| -> People {
            let roles = workflow.roles.iter().filter(|role| role.per == per);
            roles
                .filter_map(|role| Some((role.name.clone(), people.get(&role.name)?.clone())))
                .collect()
        };
        // A second hold in the same store finds the workflow's own subject there.
        let whole = match runner.store().workflow_subject(&workflow.id).await? {
            Some(row) => row.id,
            None => {
                runner
                    .open_workflow(version_id, of(Per::Workflow))
                    .await?
                    .id
            }
        };
        let hold = runner
            .open_cohort(
                version_id,
                &self.title,
                self.dates.clone(),
                of(Per::Cohort),
                &BTreeMap::new(),
            )
            .await?;
        let mut assumed = Assumed::default();
        assumed
            .stand_ins
            .insert(workflow.id.clone(), of(Per::Candidate));
        assumed.only_told = self.only_said;
        assumed.ids = vec![whole, hold.id];
        assumed.names.insert(hold.id, self.title.clone());
        let mut candidates = Vec::with_capacity(self.players.len());
        for player in &self.players {
            candidates.push(self.candidate(runner, player, &of(Per::Candidate)).await?);
        }
        let names: Vec<String> = self
            .players
            .iter()
            .map(|player| player.name.clone())
            .collect();
        let said = self.said.clone();
        assumed.arrivals.push(Arrival {
            at: self.arrive(),
            cohort_id: hold.id,
            candidates,
            names: names.clone(),
            said,
        });
        Ok(Stage {
            version,
            workflow: workflow.clone(),
            cohort_id: hold.id,
            begins,
            assumed,
            dates: self.dates.clone(),
            candidates: names,
            titles: titles(workflow),
        })
    }

    async fn candidate(
        &self,
        runner: &Runner,
        player: &Player,
        people: &People,
    ) -> Result<Candidate, RunError> {
        let organisation = player
            .organisation
            .clone()
            .unwrap_or_else(|| "Jobcenter Eksempel".to_owned());
        let organisation_id = match runner.store().organisation_by_name(&organisation).await? {
            Some(row) => row.id,
            None => {
                let email = format!("{}@eksempel.example", slug(&organisation));
                let new = NewOrganisation {
                    name: organisation,
                    kind: "jobcenter".into(),
                    email: Some(email),
                };
                runner.store().upsert_organisation(new).await?
            }
        };
        let mut roles = people.clone();
        // A role that a task fills later stays empty until then.
        for role in filled_later(&self.workflow) {
            roles.remove(&role);
        }
        for (role, addresses) in &player.roles {
            let mut ids = Vec::new();
            for address in addresses {
                ids.push(
                    self.staff(runner, address, role, &name_from(address))
                        .await?,
                );
            }
            roles.insert(role.clone(), ids);
        }
        let person = NewPerson {
            name: player.name.clone(),
            email: player
                .email
                .clone()
                .or_else(|| Some(format!("{}@eksempel.example", slug(&player.name)))),
            phone: None,
            born: player.born.map(|born| born.to_string()),
            organisation_id: Some(organisation_id),
        };
        Ok(Candidate {
            person: PersonRef::New(person),
            born: player.born,
            organisation_id: Some(organisation_id),
            case: NewCase {
                state: None,
                facts: player.facts.clone(),
                people: roles,
            },
        })
    }

    /// One invented person for every role.
    async fn invent(&self, runner: &Runner) -> Result<People, RunError> {
        let mut people = People::new();
        for role in self
            .workflow
            .roles
            .iter()
            .filter(|role| ![CANDIDATE, JOBCENTRE].contains(&&*role.name))
        {
            let address = format!("{}@eksempel.example", role.name.replace('_', "-"));
            let id = self
                .staff(
                    runner,
                    &address,
                    &role.name,
                    &format!("{} Eksempel", role.title),
                )
                .await?;
            people.insert(role.name.clone(), vec![id]);
        }
        Ok(people)
    }

    async fn staff(
        &self,
        runner: &Runner,
        address: &str,
        role: &Name,
        name: &str,
    ) -> Result<i64, RunError> {
        if let Some(known) = runner.store().person_by_email(address).await? {
            return Ok(known.id);
        }
        let new = PersonImport {
            name: name.to_owned(),
            email: Some(address.to_owned()),
            roles: vec![(self.workflow.id.to_string(), role.to_string())],
            ..PersonImport::default()
        };
        runner.store().upsert_person(new).await?;
        let known = runner.store().person_by_email(address).await?;
        known
            .map(|person| person.id)
            .ok_or_else(|| RunError::Inconsistent(format!("{address} was not stored")))
    }

    /// Plays a scenario of the file: its hold, its one candidate, its steps and nothing else.
    pub fn follow(&mut self, scenario: &Scenario) {
        self.dates = scenario.dates.clone();
        self.only_said = true;
        let given = |value: &Value| Given {
            value: value.clone(),
            text: text_for(value),
        };
        let facts = scenario
            .facts
            .iter()
            .map(|(name, value)| (name.clone(), given(value)))
            .collect();
        self.players = vec![Player {
            born: grown_up(self),
            facts,
            ..sample_player(0)
        }];
        self.said = scenario.steps.iter().map(|step| self.step(step)).collect();
        let first = scenario
            .steps
            .first()
            .map(|step| self.workflow.calendar.instant(step.at));
        let day_before = first.map(|first| first - SignedDuration::from_hours(24));
        self.begins_at = day_before.map(|at| {
            let calendar = &self.workflow.calendar;
            let day = calendar.workday_on_or_before(calendar.local(at).date());
            calendar.instant(day.to_datetime(time(8, 0, 0, 0)))
        });
    }

    fn step(&self, step: &crate::definition::model::ScenarioStep) -> Said {
        let given = |set: &BTreeMap<crate::definition::model::FactRef, Value>| {
            set.iter()
                .map(|(fact, value)| {
                    (
                        fact.clone(),
                        Given {
                            value: value.clone(),
                            text: text_for(value),
                        },
                    )
                })
                .collect()
        };
        let (of_hold, what) = match &step.what {
            StepKind::Set(set) => {
                let of_hold = set.keys().next().is_some_and(|fact| fact.cohort);
                (of_hold, ToldWhat::Input(Input::Record(given(set))))
            }
            StepKind::Event(event, set) => (
                false,
                ToldWhat::Input(Input::Fire {
                    event: event.clone(),
                    set: given(set),
                    override_reason: None,
                }),
            ),
            StepKind::Book {
                cohort,
                meeting,
                on,
            } => (
                *cohort,
                ToldWhat::Input(Input::Book {
                    meeting: meeting.clone(),
                    start: *on,
                    place: None,
                }),
            ),
            StepKind::Meeting(thing) => (
                thing.cohort,
                ToldWhat::Met {
                    meeting: thing.name.clone(),
                    part: thing.part,
                },
            ),
            StepKind::Done { cohort, task, set } => (
                *cohort,
                ToldWhat::Input(Input::Task {
                    task: task.clone(),
                    act: TaskAct::Done,
                    set: given(set),
                    assign: People::new(),
                }),
            ),
            StepKind::Expect { state, mails } => {
                let state = state.map(|id| self.workflow.states[id.0].name.clone());
                (
                    false,
                    ToldWhat::Expect {
                        state,
                        mails: mails.clone(),
                    },
                )
            }
        };
        Said {
            player: (!of_hold).then_some(0),
            at: Some(self.workflow.calendar.instant(step.at)),
            what,
        }
    }

    /// Sample candidates, so many. Nobody is called so.
    #[must_use]
    pub fn sample_players(count: usize, start: Date) -> Vec<Player> {
        let born = Some(start.saturating_sub(34.years()));
        (0..count)
            .map(|number| Player {
                born,
                ..sample_player(number)
            })
            .collect()
    }
}

const FIRST_NAMES: [&str; 24] = [
    "Amina", "Bo", "Cæcilie", "Dang Le", "Esben", "Fatima", "Gunhild", "Hassan", "Ida", "Jørgen",
    "Kamilla", "Leif", "Maryam", "Niels", "Oline", "Poul", "Rønne", "Signe", "Torben", "Ulla",
    "Vibeke", "Yusuf", "Ærø", "Åse",
];
const LAST_NAMES: [&str; 24] = [
    "Ågren",
    "Østergaard",
    "Holm",
    "Zacho",
    "Aaby",
    "Ærø",
    "Kjær",
    "Lund",
    "Brøndsholm",
    "Damkær",
    "Engholt",
    "Fuglevad",
    "Grønhøj",
    "Hedeby",
    "Iversholt",
    "Jernved",
    "Klithøj",
    "Lyngsøe",
    "Mosegren",
    "Nørrebæk",
    "Overgård",
    "Pilekær",
    "Ravnsø",
    "Skovdal",
];

/// The sample candidate of a place in the list, from 0.
fn sample_player(number: usize) -> Player {
    let (index, round) = (number % FIRST_NAMES.len(), number / FIRST_NAMES.len());
    // Each round goes with other last names, so that two are called the same only after many.
    let last = LAST_NAMES[(index + round * 5) % LAST_NAMES.len()];
    Player {
        name: format!("{} {last}", FIRST_NAMES[index]),
        ..Player::default()
    }
}

fn grown_up(cast: &Cast) -> Option<Date> {
    cast.dates
        .get("start")
        .map(|start| start.saturating_sub(34.years()))
}

fn text_for(value: &Value) -> Option<String> {
    let sample = || {
        sample_of(
            Some(&crate::definition::value::FactKind::Text { max: 100 }),
            "tekst",
            Date::ZERO,
        )
        .text
    };
    (*value == Value::Written).then(sample).flatten()
}

fn filled_later(workflow: &Workflow) -> Vec<Name> {
    use crate::definition::model::Fill;
    let tasks = workflow.states.iter().flat_map(|state| &state.scope.tasks);
    let roles = tasks
        .flat_map(|task| &task.fills)
        .filter_map(|fill| match fill {
            Fill::Role(role) => Some(role.clone()),
            Fill::Fact(_) => None,
        });
    roles.collect()
}

/// Titles of everything that has a key, for people to read.
fn titles(workflow: &Workflow) -> BTreeMap<String, String> {
    let mut titles = BTreeMap::new();
    let scopes = workflow
        .states
        .iter()
        .map(|state| (&state.scope, ""))
        .chain([(&workflow.cohort.scope, "cohort.")]);
    for (scope, prefix) in scopes {
        for task in &scope.tasks {
            titles.insert(task.name.to_string(), task.title.clone());
        }
        for meeting in &scope.meetings {
            titles.insert(meeting.name.to_string(), meeting.title.clone());
            titles.insert(
                format!("{prefix}{}.held", meeting.name),
                format!("{} afholdt", meeting.title),
            );
            titles.insert(
                format!("{prefix}{}.no_show", meeting.name),
                format!("{}: ikke mødt", meeting.title),
            );
        }
        for event in &scope.events {
            if let crate::definition::model::Trigger::Named(name) = &event.trigger {
                titles.insert(name.to_string(), event.title.clone());
            }
        }
    }
    titles
}

/// `eva.aagrenholt@kommune.example` is probably Eva Aagrenholt.
fn name_from(address: &str) -> String {
    let local = address.split('@').next().unwrap_or(address);
    let words = local
        .split(['.', '-', '_'])
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        });
    words.collect::<Vec<_>>().join(" ")
}

/// A mail address's local part made of a name: `bo.oestergaard`.
fn slug(name: &str) -> String {
    let plain = name
        .to_lowercase()
        .replace('æ', "ae")
        .replace('ø', "oe")
        .replace('å', "aa");
    let words = plain
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join(".");
    if slug.is_empty() {
        "uden.navn".to_owned()
    } else {
        slug
    }
}
