//! Holds: creating one with its dates and people, and how it stands.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use serde::Serialize;

use super::standing::titled;
use super::{Agenda, Desk, DeskError, Wrong, cells, facts, words};
use crate::calendar::{date_da, weekday_da};
use crate::definition::model::{FactRef, Name, Per, Workflow};
use crate::engine::input::Given;
use crate::engine::subject::Kind;
use crate::runner::People;

/// A hold to be created, as typed.
#[derive(Clone, Debug, Default)]
pub struct CohortNew {
    /// What people call it.
    pub title: String,
    /// `start=2026-02-02`.
    pub dates: Vec<(String, String)>,
    /// `coordinator=mo@college.example`.
    pub roles: Vec<(String, String)>,
    /// `first_day_time=Kl. 8`.
    pub set: Vec<(String, String)>,
    /// The id it is to have, so that a program that asks twice makes one; none is a new one.
    pub id: Option<String>,
}

/// A hold to be created, as read.
pub(super) struct CohortRead {
    pub dates: BTreeMap<Name, Date>,
    pub people: People,
    pub set: BTreeMap<FactRef, Given>,
}

/// A hold that was created.
#[derive(Clone, Debug, Serialize)]
pub struct CohortCreated {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The workflow's title.
    pub workflow: String,
    /// By title, in the order of the workflow.
    pub dates: Vec<(String, Date)>,
    /// Whether candidates come to it.
    pub has_candidates: bool,
    /// What to look at.
    pub notes: Vec<String>,
    /// What happens next.
    pub next: Agenda,
}

impl Desk {
    /// Creates a hold of a published workflow.
    pub async fn create_cohort(
        &self,
        version_id: i64,
        new: &CohortNew,
    ) -> Result<CohortCreated, DeskError> {
        let version = self.runner().version(version_id).await?;
        let workflow = &version.workflow;
        let CohortRead { dates, people, set } = self.read_new(workflow, new).await?;
        let notes = self.notes(workflow, &dates, &people);
        self.open_workflow(version_id, workflow).await?;
        let opened = self
            .runner()
            .open_cohort_as(
                new.id.clone(),
                version_id,
                new.title.trim(),
                dates,
                people,
                &set,
            )
            .await;
        let opened = opened
            .map_err(|error| super::possible::refused(workflow, Kind::Cohort, Vec::new(), error))?;
        self.settle().await;
        let hold = self.context(opened.id).await?;
        Ok(CohortCreated {
            id: opened.public_id,
            title: new.title.trim().to_owned(),
            workflow: workflow.title.clone(),
            dates: titled(workflow, &hold.subject),
            has_candidates: !workflow.states.is_empty(),
            notes,
            next: self.next(&hold).await?,
        })
    }

    /// Reads what was typed of a new hold, or says all that is wrong with it.
    pub(super) async fn read_new(
        &self,
        workflow: &Workflow,
        new: &CohortNew,
    ) -> Result<CohortRead, DeskError> {
        let mut wrongs = Vec::new();
        if new.title.trim().is_empty() {
            wrongs.push(
                Wrong::new("Holdets titel mangler.")
                    .column("--title")
                    .help("Skriv fx --title \"Hold 1, foråret 2026\"."),
            );
        }
        if let Err(wrong) = cells::refuse_cpr(&new.title) {
            wrongs.push(wrong.column("--title"));
        }
        let dates = read_dates(workflow, &new.dates, &mut wrongs);
        let people = self
            .roles_of_hold(workflow, &new.roles, &mut wrongs)
            .await?;
        let set = facts::given(workflow, true, &new.set, &mut wrongs);
        if wrongs.is_empty() {
            Ok(CohortRead { dates, people, set })
        } else {
            Err(DeskError::Wrong(wrongs))
        }
    }

    async fn roles_of_hold(
        &self,
        workflow: &Workflow,
        given: &[(String, String)],
        wrongs: &mut Vec<Wrong>,
    ) -> Result<People, DeskError> {
        let mut people = self.imported(workflow, Per::Cohort).await?;
        let mut named = People::new();
        for (role, emails) in given {
            let option = format!("--role {role}");
            let of_hold = || {
                workflow
                    .roles
                    .iter()
                    .filter(|known| known.per == Per::Cohort)
            };
            let Some(known) = of_hold().find(|known| *known.name == **role) else {
                let wrong =
                    Wrong::new(format!("Rollen »{role}« gives ikke pr. hold.")).column(option);
                wrongs.push(Wrong {
                    help: words::did_you_mean(role, of_hold().map(|known| &*known.name)),
                    ..wrong
                });
                continue;
            };
            let ids = self.people_by_email(emails, &option, wrongs).await?;
            named.entry(known.name.clone()).or_default().extend(ids);
        }
        people.extend(named);
        Ok(people)
    }

    /// The people with these addresses, separated by commas.
    pub(super) async fn people_by_email(
        &self,
        emails: &str,
        option: &str,
        wrongs: &mut Vec<Wrong>,
    ) -> Result<Vec<i64>, DeskError> {
        let mut ids = Vec::new();
        for email in emails.split(',').map(str::trim) {
            match self.runner().store().person_by_email(email).await? {
                Some(person) => ids.push(person.id),
                None => {
                    let wrong =
                        Wrong::new(format!("Der er ingen med adressen »{email}«.")).column(option);
                    wrongs.push(
                        wrong.help("Importér personen først: tovholder people import FIL.csv"),
                    );
                }
            }
        }
        Ok(ids)
    }

    /// What is allowed, but seldom meant.
    pub(super) fn notes(
        &self,
        workflow: &Workflow,
        dates: &BTreeMap<Name, Date>,
        people: &People,
    ) -> Vec<String> {
        let mut notes = Vec::new();
        let today = workflow.calendar.local(self.runner().now()).date();
        for (name, date) in dates.iter().filter(|(_, date)| **date < today) {
            notes.push(format!("{name} er {}, som er passeret.", date_da(*date)));
        }
        for role in workflow.roles.iter().filter(|role| role.per == Per::Cohort) {
            if people.get(&role.name).is_none_or(Vec::is_empty) {
                let role_words = words::role_words(workflow, &role.name);
                notes.push(format!(
                    "Ingen er {role_words}: mails til rollen holdes tilbage. Giv den med: tovholder fire HOLD facts --assign {}=E-MAIL",
                    role.name
                ));
            }
        }
        notes
    }

    /// Runs what has become due, so that what follows from an input is seen at once. Only a
    /// courtesy: the service does the same, so a failure here is its to report.
    pub(super) async fn settle(&self) {
        if let Err(error) = self.runner().work(self.runner().now()).await {
            tracing::warn!(%error, "what follows from the input is left to the service");
        }
    }
}

/// All dates that the workflow declares, each on its weekday.
pub(super) fn read_dates(
    workflow: &Workflow,
    given: &[(String, String)],
    wrongs: &mut Vec<Wrong>,
) -> BTreeMap<Name, Date> {
    let dates = read_some_dates(workflow, given, wrongs);
    let named = |name: &str| given.iter().any(|(given, _)| given == name);
    for missing in workflow
        .cohort
        .dates
        .iter()
        .filter(|date| !named(&date.name))
    {
        let wrong = Wrong::new(format!(
            "Datoen »{}« mangler: {}.",
            missing.name, missing.title
        ));
        wrongs.push(wrong.help(format!("Skriv fx --date {}=2026-02-02.", missing.name)));
    }
    dates
}

/// Some of the dates that the workflow declares, each on its weekday.
pub(super) fn read_some_dates(
    workflow: &Workflow,
    given: &[(String, String)],
    wrongs: &mut Vec<Wrong>,
) -> BTreeMap<Name, Date> {
    let mut dates = BTreeMap::new();
    for (name, text) in given {
        let option = format!("--date {name}");
        let Some(known) = workflow
            .cohort
            .dates
            .iter()
            .find(|date| *date.name == **name)
        else {
            let wrong = Wrong::new(format!("Holdet har ingen dato »{name}«.")).column(option);
            let known = workflow.cohort.dates.iter().map(|date| &*date.name);
            wrongs.push(Wrong {
                help: words::did_you_mean(name, known),
                ..wrong
            });
            continue;
        };
        match cells::read_date(text).and_then(|date| on_weekday(date, known.weekday)) {
            Ok(date) => {
                dates.insert(known.name.clone(), date);
            }
            Err(wrong) => wrongs.push(wrong.column(option)),
        }
    }
    dates
}

/// A date on its weekday, or the nearest ones that are.
pub(super) fn on_weekday(date: Date, weekday: Option<Weekday>) -> Result<Date, Wrong> {
    let Some(weekday) = weekday.filter(|weekday| *weekday != date.weekday()) else {
        return Ok(date);
    };
    let message = format!(
        "Det skal være en {}, men {date} er en {}.",
        weekday_da(weekday),
        weekday_da(date.weekday())
    );
    let near = [date.nth_weekday(-1, weekday), date.nth_weekday(1, weekday)];
    let mut near: Vec<Date> = near.into_iter().flatten().collect();
    near.sort_by_key(|other| date.duration_until(*other).unsigned_abs());
    let near: Vec<String> = near.iter().map(ToString::to_string).collect();
    Err(Wrong::new(message).help(format!("Nærmest ligger {}.", near.join(" og derefter "))))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_wrong_weekday_names_the_nearest_right_date_first() {
        let table = [
            (date(2026, 2, 2), None),
            (
                date(2026, 2, 3),
                Some("Nærmest ligger 2026-02-02 og derefter 2026-02-09."),
            ),
            (
                date(2026, 2, 7),
                Some("Nærmest ligger 2026-02-09 og derefter 2026-02-02."),
            ),
        ];
        for (day, help) in table {
            let got = on_weekday(day, Some(Weekday::Monday));
            assert_eq!(
                got.err().and_then(|wrong| wrong.help).as_deref(),
                help,
                "{day}"
            );
        }
        assert!(on_weekday(date(2026, 2, 3), None).is_ok());
    }
}
