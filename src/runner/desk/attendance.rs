//! Who did not come today: one list for a hold, and one word for all of them.

use jiff::civil::Date;
use serde::Serialize;

use super::{Desk, DeskError, Fire, Visitor, Wrong};
use crate::message::danish_key;

/// The event by which workflows record that somebody did not come.
const ABSENCE: &str = "absence";

/// A day's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attendance {
    /// The hold: id and title.
    pub hold: (String, String),
    /// The day, local.
    pub day: Date,
    /// Those who are expected, by name.
    pub expected: Vec<Expected>,
}

/// Somebody who is expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expected {
    /// The case's id.
    pub id: String,
    /// The candidate's name.
    pub name: String,
    /// The state's title.
    pub state: String,
    /// Absence has been recorded for this day.
    pub is_absent: bool,
}

impl Desk {
    /// Those on a hold for whom somebody can record absence now.
    pub async fn attendance_of(
        &self,
        hold: &str,
        visitor: &Visitor,
    ) -> Result<Attendance, DeskError> {
        let hold = self.cohort(hold).await?;
        let workflow = &hold.version.workflow;
        let day = workflow.calendar.local(self.runner().now()).date();
        let store = self.runner().store();
        let cases = store.subjects_of(self.sees, hold.row.id).await?;
        let ids: Vec<i64> = cases.iter().map(|case| case.id).collect();
        let contexts = self.runner().contexts(&ids).await?;
        let people: Vec<i64> = (contexts.iter())
            .filter_map(|context| context.row.person_id)
            .collect();
        let names = store.people(&people).await?;
        let mut expected = Vec::new();
        let mut seen = Vec::new();
        for context in &contexts {
            let deeds = visitor.deeds(context);
            if !deeds.iter().any(|deed| deed.event == ABSENCE) {
                continue;
            }
            let recorded = store.input_outcome(context.row.id, &key(day)).await?;
            let person = context.row.person_id.and_then(|id| names.get(&id));
            let state = context.subject.state.as_ref();
            seen.push(context.row.id);
            expected.push(Expected {
                id: context.row.public_id.clone(),
                name: person.map(|person| person.name.clone()).unwrap_or_default(),
                state: state.map_or_else(String::new, |state| {
                    super::words::state_title(workflow, state)
                }),
                is_absent: recorded.is_some(),
            });
        }
        expected.sort_by_cached_key(|one| danish_key(&one.name));
        self.saw(&seen, "attendance").await?;
        Ok(Attendance {
            hold: (
                hold.row.public_id.clone(),
                hold.row.title.clone().unwrap_or_default(),
            ),
            day,
            expected,
        })
    }

    /// Records that these did not come today, each once however often it is said; answers how many are new.
    ///
    /// # Errors
    /// Of those who cannot be absent now; the others are recorded all the same.
    pub async fn record_absence(
        &self,
        hold: &str,
        day: Date,
        absent: &[&str],
        visitor: &Visitor,
    ) -> Result<usize, DeskError> {
        let list = self.attendance_of(hold, visitor).await?;
        if list.day != day {
            let wrong = Wrong::new("Listen er fra en anden dag.");
            return Err(wrong
                .help("Åbn den igen, og sæt krydserne for i dag.")
                .into());
        }
        let (mut recorded, mut wrongs) = (0, Vec::new());
        for id in absent {
            let Some(one) = list.expected.iter().find(|one| one.id == *id) else {
                wrongs.push(Wrong::new(
                    "En af dem, du satte kryds ved, er gået videre imens.",
                ));
                continue;
            };
            let fire = Fire {
                of: one.id.clone(),
                event: ABSENCE.to_owned(),
                role: visitor.acts_as().map(ToOwned::to_owned),
                from: Some(format!("account {}", visitor.id)),
                key: Some(key(day)),
                ..Fire::default()
            };
            match self.fire_as(visitor, &fire).await {
                Ok(fired) => recorded += usize::from(!fired.repeated),
                Err(error) => {
                    let complaints = error.complaints()?.into_iter();
                    wrongs.extend(complaints.map(|wrong| wrong.about(&one.name)));
                }
            }
        }
        if wrongs.is_empty() {
            Ok(recorded)
        } else {
            Err(DeskError::Wrong(wrongs))
        }
    }
}

/// A candidate is absent once a day.
fn key(day: Date) -> String {
    format!("absence-{day}")
}
