//! Who came to a meeting of a whole hold: one list, and one word for all of them.

use std::collections::HashSet;

use jiff::civil::DateTime;
use serde::Serialize;

use super::attendance::Expected;
use super::{Desk, DeskError, Fire, Fired, Visitor, Wrong, words};
use crate::message::danish_key;
use crate::runner::context::Context;

/// The list of a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Came {
    /// The hold: id and title.
    pub hold: (String, String),
    /// The meeting's key.
    pub meeting: String,
    /// Its title.
    pub title: String,
    /// When it began, local.
    pub at: DateTime,
    /// Where.
    pub place: Option<String>,
    /// Those it is about, by name.
    pub expected: Vec<Expected>,
    /// How many events the hold had.
    pub seq: i64,
}

/// What somebody says of a meeting's list.
#[derive(Clone, Debug, Default)]
pub struct CameAsked<'a> {
    /// The hold.
    pub hold: &'a str,
    /// The meeting's key.
    pub meeting: &'a str,
    /// Those who were on the list that was read.
    pub listed: Vec<&'a str>,
    /// Those of them who came.
    pub came: Vec<&'a str>,
    /// How many events the hold had then.
    pub seq: Option<i64>,
    /// The same key twice is one act.
    pub key: Option<String>,
}

impl Desk {
    /// Those whom a hold's meeting is about, of which somebody can say now that it was held.
    pub async fn came_of(
        &self,
        hold: &str,
        meeting: &str,
        visitor: &Visitor,
    ) -> Result<Came, DeskError> {
        let hold = self.cohort(hold).await?;
        let deeds = visitor.deeds(&hold).into_iter();
        let deed = { deeds }.find(|deed| deed.who_came.as_deref() == Some(meeting));
        let log = hold.subject.meetings.get(meeting);
        let booking = log.and_then(|log| log.open.first());
        let (Some(deed), Some(booking)) = (deed, booking) else {
            let wrong = Wrong::new("Mødet er ikke booket, eller det er ikke dit at melde om.");
            return Err(wrong.help("Holdets side viser, hvad der er muligt.").into());
        };
        Ok(Came {
            meeting: meeting.to_owned(),
            title: deed.title,
            at: hold.version.workflow.calendar.local(booking.start),
            place: booking.place.clone(),
            expected: self.expected_at(&hold, meeting).await?,
            seq: deed.seq,
            hold: (
                hold.row.public_id.clone(),
                hold.row.title.clone().unwrap_or_default(),
            ),
        })
    }

    /// Says that a hold's meeting was held, and who came.
    ///
    /// # Errors
    /// [`DeskError::MovedOn`] when the meeting is about others by now than were listed.
    pub async fn record_came(
        &self,
        asked: &CameAsked<'_>,
        visitor: &Visitor,
    ) -> Result<Fired, DeskError> {
        let came: HashSet<&str> = asked.came.iter().copied().collect();
        let listed: HashSet<&str> = asked.listed.iter().copied().collect();
        let hold = self.cohort(asked.hold).await?;
        let expected = self.expected_at(&hold, asked.meeting).await?;
        if expected.iter().any(|one| !listed.contains(&*one.id)) {
            return Err(DeskError::MovedOn);
        }
        // Who is no longer expected is neither said to have come nor not to.
        let absent = expected.into_iter().map(|one| one.id);
        let fire = Fire {
            of: hold.row.public_id.clone(),
            event: format!("{}.held", asked.meeting),
            role: visitor.acts_as().map(ToOwned::to_owned),
            from: Some(format!("account {}", visitor.id)),
            absent: absent.filter(|id| !came.contains(&**id)).collect(),
            key: asked.key.clone(),
            expect: asked.seq,
            ..Fire::default()
        };
        self.fire_as(visitor, &fire).await
    }

    async fn expected_at(&self, hold: &Context, meeting: &str) -> Result<Vec<Expected>, DeskError> {
        let workflow = &hold.version.workflow;
        let cases = self.about(hold, meeting).await?;
        let people: Vec<i64> = cases.iter().filter_map(|(row, _)| row.person_id).collect();
        let names = self.runner().store().people(&people).await?;
        let seen: Vec<i64> = cases.iter().map(|(row, _)| row.id).collect();
        self.saw(&seen, "attendance").await?;
        let mut expected: Vec<Expected> = (cases.into_iter())
            .map(|(row, case)| Expected {
                name: (row.person_id.and_then(|id| names.get(&id)))
                    .map(|person| person.name.clone())
                    .unwrap_or_default(),
                id: row.public_id,
                state: (case.state.as_ref())
                    .map_or_else(String::new, |state| words::state_title(workflow, state)),
                is_absent: false,
            })
            .collect();
        expected.sort_by_cached_key(|one| danish_key(&one.name));
        Ok(expected)
    }
}
