//! The cast of a simulation or demo: invented people, a hold, its candidates, and when they come.

mod begins;
mod names;
mod scenario;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use self::names::{name_from, slug};
use super::assumed::{Arrival, Assumed, NewHold, ToldWhat};
use super::opening::Candidate;
use super::versions::{Version, publish};
use super::{People, RunError, Runner};
use crate::definition::model::{CANDIDATE, FactRef, JOBCENTRE, Name, Per, Workflow};
use crate::engine::NewCase;
use crate::engine::input::Given;
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
    /// What the hold is from the start.
    pub given: HoldGiven,
    /// The hold after it.
    pub next: Option<NextHold>,
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
    /// Stands in the first state that takes a place, and does nothing else.
    pub only_takes_place: bool,
}

/// Something said about a player, or about the hold.
#[derive(Clone, Debug)]
pub struct Said {
    /// About whom.
    pub whom: Saying,
    /// When, if it is not left to the plan.
    pub at: Option<Timestamp>,
    /// What.
    pub what: ToldWhat,
    /// Which step of a scenario says it.
    pub step: Option<usize>,
}

/// About whom something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saying {
    /// The player at this place in the list.
    Player(usize),
    /// The hold.
    Hold,
    /// One of those who only take the hold's places.
    Other,
    /// The hold after it.
    NextHold,
}

/// What a hold is from the start besides its dates.
#[derive(Clone, Debug, Default)]
pub struct HoldGiven {
    /// Facts.
    pub facts: BTreeMap<FactRef, Given>,
    /// E-mail addresses of those who hold a role, where that is not left to invention.
    pub roles: BTreeMap<Name, Vec<String>>,
}

/// The hold after the first.
#[derive(Clone, Debug)]
pub struct NextHold {
    /// Its title.
    pub title: String,
    /// Its dates.
    pub dates: BTreeMap<Name, Date>,
    /// What else is known of it.
    pub given: HoldGiven,
    /// Something that is said creates it; otherwise it is there from the start.
    pub later: bool,
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
    /// Publishes the workflow, invents its people, and opens the hold.
    pub async fn set(&self, runner: &Runner) -> Result<Stage, RunError> {
        let begins = self.begins();
        let version_id = publish(
            runner.store(),
            &self.file,
            &self.yaml,
            &self.workflow.id,
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
                self.hold_people(runner, of(Per::Cohort), &self.given)
                    .await?,
                &self.given.facts,
            )
            .await?;
        let mut assumed = Assumed::default();
        assumed
            .stand_ins
            .insert(workflow.id.clone(), of(Per::Candidate));
        assumed.only_told = self.only_said;
        assumed.ids = vec![whole, hold.id];
        assumed.hold = hold.id;
        if let Some(next) = &self.next {
            assumed.to_open = Some(NewHold {
                version_id,
                title: next.title.clone(),
                dates: next.dates.clone(),
                people: self
                    .hold_people(runner, of(Per::Cohort), &next.given)
                    .await?,
                facts: next.given.facts.clone(),
            });
            if !next.later {
                runner.open_next_hold(&mut assumed).await?;
            }
        }
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
            others: self
                .players
                .iter()
                .filter(|player| player.only_takes_place)
                .count(),
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

    /// The hold's people: invented, but where a scenario names some, or nobody.
    async fn hold_people(
        &self,
        runner: &Runner,
        mut people: People,
        given: &HoldGiven,
    ) -> Result<People, RunError> {
        for (role, addresses) in &given.roles {
            let mut ids = Vec::new();
            for address in addresses {
                let name = name_from(address);
                ids.push(self.staff(runner, address, role, &name).await?);
            }
            give(&mut people, role, ids);
        }
        Ok(people)
    }

    /// The state in which someone stands who only takes a place.
    fn place_taken(&self, player: &Player) -> Option<Name> {
        let mut states = self.workflow.states.iter();
        let state = states.find(|state| player.only_takes_place && state.holds_place)?;
        Some(state.name.clone())
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
            give(&mut roles, role, ids);
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
                state: self.place_taken(player),
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
}

/// A role that nobody has is not there at all.
fn give(people: &mut People, role: &Name, ids: Vec<i64>) {
    if ids.is_empty() {
        people.remove(role);
    } else {
        people.insert(role.clone(), ids);
    }
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
