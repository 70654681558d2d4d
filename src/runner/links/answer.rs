//! Links by which the reader of a mail answers it: they fire one event of one case as one role, once, and until a day.
//!
//! `{{answers.EVENT}}` in a template is such a link. It is there for the events that the recipient's role may fire
//! without saying anything more, and filled as long as the case stands where the event is offered.

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::signed::{self, DIGITS, ID_DIGITS};
use crate::definition::model::{CANDIDATE, Event, Name, Trigger, Workflow};
use crate::engine::frame::Frame;
use crate::engine::input::{Actor, Input};
use crate::runner::context::Context;
use crate::runner::{RunError, Runner};

/// What its signatures are for, so that no other link is one of these.
const PURPOSE: &str = "answer";
/// A link is good for so many days from when its mail was to leave.
const DAYS: i64 = 30;
/// Hex digits of the last day, counted from the epoch.
const DAY_DIGITS: usize = 8;

/// What a link asks, and of whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answering {
    /// The candidate's first name.
    pub first_name: String,
    /// It is the candidate who is asked.
    pub is_own: bool,
    /// What the event is called.
    pub title: String,
    /// What people call the workflow.
    pub workflow: String,
    /// The language of its mail.
    pub language: String,
    /// Whether it can be answered.
    pub stands: Stands,
}

/// Whether a link can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// It can.
    Open,
    /// It has been.
    Used,
    /// Its day has passed.
    Expired,
    /// The case has gone on, so that the answer fits it no more.
    Overtaken,
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    /// The case's id.
    of: String,
    /// The last day, from the epoch.
    day: i64,
    event: String,
    role: String,
}

impl Runner {
    /// What a link's token asks; `None` when it is not one of ours, or its candidate is erased.
    pub async fn asked_by_link(&self, token: &str) -> Result<Option<Answering>, RunError> {
        Ok(self
            .read_link(token)
            .await?
            .map(|(_, _, answering)| answering))
    }

    /// Gives the answer, once; `None` as above.
    pub async fn answer_by_link(&self, token: &str) -> Result<Option<Answering>, RunError> {
        let Some((said, context, mut answering)) = self.read_link(token).await? else {
            return Ok(None);
        };
        if answering.stands != Stands::Open {
            return Ok(Some(answering));
        }
        let input = Input::Fire {
            event: said.event.as_str().into(),
            set: std::collections::BTreeMap::new(),
            override_reason: None,
            another: false,
        };
        let actor = Actor {
            role: Some(said.role.as_str().into()),
            from: "link".to_owned(),
        };
        let key = said.key();
        let done = self.input(context.row.id, &input, &actor, Some(&key));
        answering.stands = match done.await {
            Ok(_) => Stands::Used,
            Err(RunError::Refused(_)) => Stands::Overtaken,
            Err(error) => return Err(error),
        };
        Ok(Some(answering))
    }

    async fn read_link(
        &self,
        token: &str,
    ) -> Result<Option<(Token, Context, Answering)>, RunError> {
        let Some(said) = read(&self.store().secret().await?, token) else {
            return Ok(None);
        };
        let found = (self.store()).subject_by_public_id(crate::store::Sees::All, &said.of);
        let Some(row) = found.await? else {
            return Ok(None);
        };
        let context = self.context(row.id).await?;
        let person: Vec<i64> = context.row.person_id.into_iter().collect();
        let people = self.store().people(&person).await?;
        let name = people.values().next().map(|person| person.name.clone());
        let workflow = &context.version.workflow;
        let all = answerable(workflow, &said.role);
        let declared = all.into_iter().find(|(name, _)| ***name == *said.event);
        let (Some(name), Some((_, event))) = (name.filter(|name| !name.is_empty()), declared)
        else {
            return Ok(None);
        };
        let used = (self.store()).input_outcome(row.id, &said.key()).await?;
        let calendar = &workflow.calendar;
        let answering = Answering {
            first_name: name
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned(),
            is_own: said.role == CANDIDATE,
            title: event.title.clone(),
            workflow: workflow.title.clone(),
            language: workflow.language.clone(),
            stands: if used.is_some() {
                Stands::Used
            } else if day_of(calendar.local(self.now()).date()) > said.day {
                Stands::Expired
            } else if is_offered(&context, &said.role, &said.event) {
                Stands::Open
            } else {
                Stands::Overtaken
            },
        };
        Ok(Some((said, context, answering)))
    }
}

impl Token {
    /// The same answer is taken once, from whichever mail it comes.
    fn key(&self) -> String {
        format!("link {} {} {}", self.event, self.role, self.day)
    }

    fn signed(&self) -> String {
        format!("{}{:08x}-{}-{}", self.of, self.day, self.event, self.role)
    }

    fn written(&self, secret: &str) -> String {
        let signed = self.signed();
        let (front, back) = signed.split_at(ID_DIGITS + DAY_DIGITS);
        format!(
            "{front}{}{back}",
            signed::signature(secret, PURPOSE, &signed)
        )
    }
}

/// The events that a role may fire in some state without saying anything more, each once.
pub(in crate::runner) fn answerable<'w>(
    workflow: &'w Workflow,
    role: &str,
) -> Vec<(&'w Name, &'w Event)> {
    let events = workflow.states.iter().flat_map(|state| &state.scope.events);
    let mut known = std::collections::BTreeSet::new();
    let fits = events.filter_map(|event| match &event.trigger {
        Trigger::Named(name) if is_for(event, role) => Some((name, event)),
        _ => None,
    });
    fits.filter(|(name, _)| known.insert(*name)).collect()
}

fn is_for(event: &Event, role: &str) -> bool {
    event.needs.is_empty() && event.by.iter().any(|by| **by == *role)
}

/// Whether an event is offered to a role where the case is; the innermost of a name counts.
fn is_offered(context: &Context, role: &str, event: &str) -> bool {
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let mut declared = frame
        .open()
        .into_iter()
        .rev()
        .flat_map(|open| &open.scope.events);
    let named = |one: &&Event| matches!(&one.trigger, Trigger::Named(name) if **name == *event);
    let found = declared.find(named);
    context.subject.ended.is_none() && found.is_some_and(|event| is_for(event, role))
}

/// Where the reader of a mail answers with an event, while that is offered; `from` is when the mail was to leave.
pub(in crate::runner) fn link(
    (base, secret): (&str, &str),
    context: &Context,
    (role, event): (&str, &str),
    from: Timestamp,
) -> Option<String> {
    if !is_offered(context, role, event) {
        return None;
    }
    let token = Token {
        of: Uuid::parse_str(&context.row.public_id)
            .ok()?
            .simple()
            .to_string(),
        day: day_of(context.version.workflow.calendar.local(from).date()) + DAYS,
        event: event.to_owned(),
        role: role.to_owned(),
    };
    let base = base.trim_end_matches('/');
    Some(format!("{base}/svar/{}", token.written(secret)))
}

fn day_of(day: Date) -> i64 {
    let epoch = Date::constant(1970, 1, 1);
    day.duration_since(epoch).as_hours() / 24
}

/// What a token says, if it is one of ours.
fn read(secret: &str, token: &str) -> Option<Token> {
    let mut parts = token.splitn(3, '-');
    let (front, event, role) = (parts.next()?, parts.next()?, parts.next()?);
    if !signed::is_hex(front) || front.len() != ID_DIGITS + DAY_DIGITS + DIGITS {
        return None;
    }
    let (said, given) = front.split_at(ID_DIGITS + DAY_DIGITS);
    let (id, day) = said.split_at(ID_DIGITS);
    let read = Token {
        of: id.to_owned(),
        day: i64::from_str_radix(day, 16).ok()?,
        event: event.to_owned(),
        role: role.to_owned(),
    };
    let is_ours = signed::is_ours(secret, PURPOSE, &read.signed(), given);
    let of = Uuid::parse_str(id).ok()?.to_string();
    is_ours.then_some(Token { of, ..read })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_one_case_event_role_day_and_database() {
        let said = Token {
            of: "0193a5f27b1c7d3e8f000123456789ab".to_owned(),
            day: 20_800,
            event: "give_back".to_owned(),
            role: "candidate".to_owned(),
        };
        let token = said.written("a secret");
        let of = "0193a5f2-7b1c-7d3e-8f00-0123456789ab".to_owned();
        assert_eq!(read("a secret", &token), Some(Token { of, ..said }));
        assert_eq!(read("another", &token), None);
        for at in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'1' { b'2' } else { b'1' };
            let other = String::from_utf8(other).expect("ASCII");
            assert_eq!(read("a secret", &other), None, "{other}");
        }
        for other in [
            "",
            "æ--",
            &token[1..],
            &format!("{token}-"),
            &token.to_uppercase(),
        ] {
            assert_eq!(read("a secret", other), None, "{other}");
        }
    }
}
