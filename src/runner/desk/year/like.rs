//! A new hold from an old one: its dates moved by whole weeks, its people and what is known of it, and
//! what the new hold would get in the way of, before anything is saved.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Serialize;

use super::{Clash, Standing, clash, laid};
use crate::calendar::{Calendar, date_da};
use crate::definition::model::{Anchor, Fact, FactRef, Name, Per, Task, Workflow};
use crate::definition::value::{FactKind, Value};
use crate::engine::frame::{Frame, View};
use crate::engine::input::Given;
use crate::engine::open_cohort;
use crate::engine::subject::{Kind, Subject};
use crate::runner::context::Context;
use crate::runner::desk::cohort::{CohortNew, on_weekday};
use crate::runner::desk::{Desk, DeskError, Wrong, possible};
use crate::runner::versions::Version;
use crate::runner::{People, RunError};

/// A closed day is at most so many weeks from an open one of the same weekday.
const WEEKS_MAX: i32 = 8;

/// A hold as another one was, on other days. Nothing of it is saved.
#[derive(Clone, Debug, Serialize)]
pub struct CohortLike {
    /// The id of the hold it is taken from.
    pub of: String,
    /// That hold's title.
    pub of_title: String,
    /// The workflow's id.
    pub workflow: String,
    /// The workflow's title.
    pub workflow_title: String,
    /// The published version that the new hold would follow: the latest.
    #[serde(skip)]
    pub version_id: i64,
    /// What the new hold may be called.
    pub title: String,
    /// Its dates.
    pub dates: Vec<LikeDate>,
    /// Who has which role on it.
    pub roles: Vec<LikeRole>,
    /// What is known of it.
    pub facts: Vec<LikeFact>,
    /// What could not be taken along, or is late. Danish.
    pub notes: Vec<String>,
    /// What the new hold would get in the way of.
    pub clashes: Vec<Clash>,
}

/// A date of the new hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LikeDate {
    /// Its key.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it was on the old hold.
    pub was: Date,
    /// What it is on the new one.
    pub date: Date,
    /// Why it is not so many weeks later as the others are. Danish.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<String>,
}

/// People of the new hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LikeRole {
    /// The role's key.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Name and address.
    pub people: Vec<(String, String)>,
}

/// Something that is known of the new hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LikeFact {
    /// Its key.
    pub name: String,
    /// Its title.
    pub title: String,
    /// As it is typed.
    pub value: String,
}

impl CohortLike {
    /// What creates it, as a person would have typed it.
    #[must_use]
    pub fn to_new(&self) -> CohortNew {
        let addresses = |role: &LikeRole| {
            let all: Vec<&str> = role
                .people
                .iter()
                .map(|(_, email)| email.as_str())
                .collect();
            (role.name.clone(), all.join(","))
        };
        CohortNew {
            title: self.title.clone(),
            dates: (self.dates.iter())
                .map(|date| (date.name.clone(), date.date.to_string()))
                .collect(),
            roles: self.roles.iter().map(addresses).collect(),
            set: (self.facts.iter())
                .map(|fact| (fact.name.clone(), fact.value.clone()))
                .collect(),
            id: None,
        }
    }
}

impl Desk {
    /// Proposes a hold as an old one was, which begins on another day; nothing is saved. Candidates
    /// are not taken along. Save it with [`Desk::create_cohort`] and [`CohortLike::to_new`].
    ///
    /// # Errors
    /// When there is no such hold, it has no first day, or the day is none on which such a hold may begin.
    pub async fn cohort_like(
        &self,
        old: &str,
        start: Date,
        title: Option<&str>,
    ) -> Result<CohortLike, DeskError> {
        let old = self.cohort(old).await?;
        let version = self.latest(&old).await?;
        let workflow = &version.workflow;
        let (dates, mut notes) = dates(workflow, &old.subject, start)?;
        let (roles, kept) = self.roles_like(workflow, &old.subject, &mut notes).await?;
        let facts = self.facts_like(workflow, &old, &dates).await?;
        let given = given(&dates);
        let title = match title.map(str::trim).filter(|title| !title.is_empty()) {
            Some(title) => title.to_owned(),
            None => {
                self.next_title(old.row.title.as_deref().unwrap_or_default())
                    .await?
            }
        };
        let none = BTreeMap::new();
        let ahead = self.ahead(&version, &title, given, kept, &none);
        let (late, clashes) = ahead.await?;
        notes.extend(late);
        Ok(CohortLike {
            of: old.row.public_id.clone(),
            of_title: old.row.title.clone().unwrap_or_default(),
            workflow: workflow.id.to_string(),
            workflow_title: workflow.title.clone(),
            version_id: version.id,
            title,
            dates,
            roles,
            facts,
            notes,
            clashes,
        })
    }

    /// What a hold that is only proposed would be late for, and what it would get in the way of.
    pub(super) async fn ahead(
        &self,
        version: &Arc<Version>,
        title: &str,
        dates: BTreeMap<Name, Date>,
        people: People,
        facts: &BTreeMap<FactRef, Given>,
    ) -> Result<(Vec<String>, Vec<Clash>), DeskError> {
        let workflow = &version.workflow;
        let now = self.runner().now();
        let view = View::of(workflow);
        let step = open_cohort(&view, dates, people, facts, now).map_err(|refusal| {
            let error = RunError::Refused(refusal);
            possible::refused(workflow, Kind::Cohort, Vec::new(), error)
        })?;
        let today = workflow.calendar.local(now).date();
        let late = passed(workflow, &step.subject, today);
        let proposed = Standing {
            id: String::new(),
            title: title.to_owned(),
            subject: step.subject,
            version: version.clone(),
            workflow_people: Arc::new(self.runner().people_of_workflow(&workflow.id).await?),
        };
        Ok((late, self.clashes_with(proposed, today).await?))
    }

    /// The workflow as it was published last: a new hold follows that.
    async fn latest(&self, old: &Context) -> Result<Arc<Version>, DeskError> {
        let latest = self
            .runner()
            .store()
            .latest_version(&old.row.workflow)
            .await?;
        let id = latest.map_or(old.row.version_id, |latest| latest.id);
        Ok(self.runner().version(id).await?)
    }

    /// What the proposed hold would get in the way of, whatever the year.
    async fn clashes_with(&self, proposed: Standing, today: Date) -> Result<Vec<Clash>, DeskError> {
        let far = (
            Date::MIN,
            proposed
                .subject
                .dates
                .values()
                .copied()
                .max()
                .unwrap_or(today),
        );
        let far = (far.0, far.1.saturating_add(2.years()));
        let mut standing = self.standing().await?;
        standing.push(proposed);
        let laid = laid(standing, today, far);
        let names = self.named(&laid).await?;
        let mut clashes = clash::all(&laid, &names, far);
        clashes.retain(|clash| clash.holds.iter().any(String::is_empty));
        Ok(clashes)
    }

    /// The people of the old hold in roles that holds have still.
    async fn roles_like(
        &self,
        workflow: &Workflow,
        old: &Subject,
        notes: &mut Vec<String>,
    ) -> Result<(Vec<LikeRole>, People), DeskError> {
        let ids: Vec<i64> = old.people.values().flatten().copied().collect();
        let people = self.runner().store().people(&ids).await?;
        let (mut roles, mut kept) = (Vec::new(), People::new());
        for role in workflow.roles.iter().filter(|role| role.per == Per::Cohort) {
            let held = old.people.get(&role.name).map_or(&[][..], Vec::as_slice);
            let mut told = Vec::new();
            for id in held {
                let Some(person) = people.get(id).filter(|person| person.erased.is_none()) else {
                    continue;
                };
                match &person.email {
                    Some(email) => {
                        told.push((person.name.clone(), email.clone()));
                        kept.entry(role.name.clone()).or_default().push(*id);
                    }
                    None => notes.push(format!(
                        "{} ({}) har ingen e-mailadresse og kommer ikke med.",
                        person.name, role.title
                    )),
                }
            }
            if !told.is_empty() {
                roles.push(LikeRole {
                    name: role.name.to_string(),
                    title: role.title.clone(),
                    people: told,
                });
            }
        }
        Ok((roles, kept))
    }

    /// What was recorded of the old hold, as it would be typed. Days are moved as the hold's first day is.
    async fn facts_like(
        &self,
        workflow: &Workflow,
        old: &Context,
        dates: &[LikeDate],
    ) -> Result<Vec<LikeFact>, DeskError> {
        let texts = self.runner().store().texts(&[old.row.id]).await?;
        let words: BTreeMap<&str, &str> = (texts.iter())
            .map(|text| (text.name.as_str(), text.text.as_str()))
            .collect();
        let weeks = dates
            .iter()
            .find(|date| date.name == START)
            .map_or(0, |start| weeks_between(start.was, start.date));
        let one = |fact: &Fact| {
            let recorded = old.subject.facts.get(&fact.name)?;
            let value = typed(
                fact,
                &recorded.value,
                weeks,
                words.get(&*fact.name).copied(),
            )?;
            Some(LikeFact {
                name: fact.name.to_string(),
                title: fact.title.clone(),
                value,
            })
        };
        Ok(workflow.cohort.facts.iter().filter_map(one).collect())
    }

    /// "Hold 3" after "Hold 2": the first number that no hold has yet.
    async fn next_title(&self, title: &str) -> Result<String, DeskError> {
        let rows = self.runner().store().cohorts().await?;
        let taken: Vec<String> = rows
            .into_iter()
            .filter_map(|row| Some(row.title?.to_lowercase()))
            .collect();
        let mut next = following(title);
        while taken.contains(&next.to_lowercase()) {
            next = following(&next);
        }
        Ok(next)
    }
}

/// The date of the hold that all others are moved with.
const START: &str = "start";

/// The old hold's dates, moved by as many whole weeks as its first day is, and off closed days.
fn dates(
    workflow: &Workflow,
    old: &Subject,
    start: Date,
) -> Result<(Vec<LikeDate>, Vec<String>), DeskError> {
    let was = old.dates.get(START).copied();
    let Some(was) = was else {
        let wrong = Wrong::new("Det gamle hold har ingen første dag at tælle fra.");
        return Err(wrong
            .help("Opret holdet med: tovholder cohort create")
            .into());
    };
    let weeks = weeks_between(was, start);
    let (mut dates, mut notes) = (Vec::new(), Vec::new());
    for defined in &workflow.cohort.dates {
        let Some(was) = old.dates.get(&defined.name).copied() else {
            notes.push(format!(
                "Datoen »{}« har det gamle hold ikke.",
                defined.title
            ));
            continue;
        };
        let (date, moved) = if *defined.name == *START {
            let start = on_weekday(start, defined.weekday);
            (start.map_err(|wrong| wrong.column("--start"))?, None)
        } else {
            put_right(
                &workflow.calendar,
                was.saturating_add(weeks.weeks()),
                defined.weekday,
            )
        };
        dates.push(LikeDate {
            name: defined.name.to_string(),
            title: defined.title.clone(),
            was,
            date,
            moved,
        });
    }
    Ok((dates, notes))
}

/// To the nearest whole week.
fn weeks_between(from: Date, to: Date) -> i32 {
    let days = from.until(to).map_or(0, |span| span.get_days());
    (days + 3).div_euclid(7)
}

/// Off a closed day, forward, to the weekday that it must be.
fn put_right(calendar: &Calendar, day: Date, weekday: Option<Weekday>) -> (Date, Option<String>) {
    let Some(closed) = calendar.closed_because(day) else {
        return (day, None);
    };
    let open = match weekday {
        None => Some(calendar.workday_on_or_after(day)),
        Some(_) => (1..=WEEKS_MAX)
            .map(|weeks| day.saturating_add(weeks.weeks()))
            .find(|later| calendar.is_workday(*later)),
    };
    let why = format!("{} er {}", date_da(day), closed.da());
    (open.unwrap_or(day), open.map(|_| why))
}

fn given(dates: &[LikeDate]) -> BTreeMap<Name, Date> {
    dates
        .iter()
        .map(|date| (date.name.as_str().into(), date.date))
        .collect()
}

/// A value as it is typed, a choice by its title, which is read first; nothing where its words are gone.
fn typed(fact: &Fact, value: &Value, weeks: i32, words: Option<&str>) -> Option<String> {
    Some(match (&fact.kind, value) {
        (_, Value::Written) => words?.to_owned(),
        (_, Value::Date(day)) => day.saturating_add(weeks.weeks()).to_string(),
        (FactKind::Decimal, Value::Decimal(hundredths)) => {
            let sign = if *hundredths < 0 { "-" } else { "" };
            let whole = hundredths.unsigned_abs();
            format!("{sign}{},{:02}", whole / 100, whole % 100)
        }
        (kind, value) => kind.show(value),
    })
}

/// Tasks whose due days follow from the dates alone and have passed already.
fn passed(workflow: &Workflow, hold: &Subject, today: Date) -> Vec<String> {
    let view = View::of(workflow);
    let frame = Frame::new(&view, hold);
    let Some(open) = frame.scope_of(None, true) else {
        return Vec::new();
    };
    let late = |task: &Task| {
        let due = task.due.as_ref()?;
        let by_date = matches!(due.anchor, Anchor::HoldDate(_));
        let day = frame
            .point_day(due, &open)
            .filter(|day| by_date && *day < today)?;
        Some(format!(
            "Fristen for »{}« er {}, som er passeret.",
            task.title,
            date_da(day)
        ))
    };
    let tasks = workflow.cohort.scope.tasks.iter();
    tasks.filter_map(late).collect()
}

/// The title after this one: its last number raised, or a number put behind it.
fn following(title: &str) -> String {
    let digits = title.chars().rev().take_while(char::is_ascii_digit).count();
    let (words, number) = title.split_at(title.len() - digits);
    match number.parse::<u64>() {
        Ok(number) => format!("{words}{}", number.saturating_add(1)),
        Err(_) => format!("{} 2", title.trim_end()).trim_start().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::runner::desk::facts;

    fn workflow(yaml: &str) -> Workflow {
        crate::definition::read("f.yaml", yaml)
            .workflow
            .expect("a workflow")
    }

    fn jrs() -> Workflow {
        workflow(include_str!(
            "../../../../workflows/jrs-bliv-klar-til-sosu.yaml"
        ))
    }

    #[test]
    fn dates_move_by_whole_weeks_and_off_closed_days() {
        let calendar = jrs().calendar;
        let monday = Some(Weekday::Monday);
        let table = [
            // An ordinary day stays where it is.
            (date(2027, 4, 5), monday, date(2027, 4, 5), None),
            // Easter Monday: the Monday after.
            (
                date(2027, 3, 29),
                monday,
                date(2027, 4, 5),
                Some("2. påskedag"),
            ),
            // Maundy Thursday without a weekday of its own: the next workday.
            (
                date(2027, 3, 25),
                None,
                date(2027, 3, 30),
                Some("skærtorsdag"),
            ),
            (date(2027, 6, 5), None, date(2027, 6, 7), Some("lørdag")),
        ];
        for (day, weekday, expect, why) in table {
            let (got, moved) = put_right(&calendar, day, weekday);
            assert_eq!(got, expect, "{day}");
            match why {
                Some(why) => assert!(
                    moved.as_ref().is_some_and(|told| told.contains(why)),
                    "{moved:?}"
                ),
                None => assert_eq!(moved, None),
            }
        }
        for (from, to, weeks) in [
            (date(2026, 2, 2), date(2026, 2, 9), 1),
            (date(2026, 2, 2), date(2027, 2, 1), 52),
            (date(2026, 2, 9), date(2026, 2, 2), -1),
            // A hold that may begin on any weekday.
            (date(2026, 2, 2), date(2026, 2, 4), 0),
            (date(2026, 2, 2), date(2026, 2, 6), 1),
        ] {
            assert_eq!(weeks_between(from, to), weeks, "{from} {to}");
        }
    }

    #[test]
    fn titles_count_on() {
        for (title, next) in [
            ("Hold 1", "Hold 2"),
            ("Hold 9", "Hold 10"),
            ("Forår 2027", "Forår 2028"),
            ("Efterår", "Efterår 2"),
            ("7", "8"),
            ("Ærø ", "Ærø 2"),
            ("", "2"),
        ] {
            assert_eq!(following(title), next, "{title}");
        }
    }

    #[test]
    fn what_is_typed_is_read_as_what_was_recorded() {
        let fact = |kind| Fact {
            was: None,
            name: "x".into(),
            title: "X".into(),
            kind,
            confidential: false,
        };
        let choice = FactKind::OneOf(vec![("a".into(), "b".into()), ("b".into(), "a".into())]);
        let table = [
            (choice, Value::Choice("b".into())),
            (FactKind::YesNo, Value::YesNo(false)),
            (FactKind::WholeNumber, Value::Whole(-12_345)),
            (FactKind::Decimal, Value::Decimal(540_050)),
            (FactKind::Decimal, Value::Decimal(-7)),
            (FactKind::Grade, Value::Grade(0)),
            (FactKind::Date, Value::Date(date(2027, 1, 4))),
            (FactKind::Text { max: 20 }, Value::Written),
        ];
        for (kind, value) in table {
            let fact = fact(kind);
            let text = typed(&fact, &value, 0, Some("ord")).expect("typed");
            assert_eq!(
                facts::read(&fact, &text).map(|given| given.value),
                Ok(value),
                "{text}"
            );
        }
        let day = fact(FactKind::Date);
        let moved = typed(&day, &Value::Date(date(2027, 1, 4)), 3, None);
        assert_eq!(moved.as_deref(), Some("2027-01-25"));
    }

    #[test]
    fn deadlines_that_have_passed_are_told() {
        let workflow = jrs();
        let dates = BTreeMap::from([("start".into(), date(2027, 4, 26))]);
        let now = "2027-02-01T08:00:00Z".parse().expect("an instant");
        let view = View::of(&workflow);
        let step = open_cohort(&view, dates, People::new(), &BTreeMap::new(), now);
        let told = passed(&workflow, &step.expect("a hold").subject, date(2027, 2, 1));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].contains("Kortlæg behovet") && told[0].contains("18. januar 2027"),
            "{told:?}"
        );
    }
}
