//! What a template may use, as JSON. `docs/` describes the names; the texts are written against them.
//!
//! Confidential facts never come here. Days are ISO dates, moments local civil time.

mod digest;
mod names;
mod thing;

pub(super) use digest::{Beside, Figures, Last, Told, cases_told, digest, percent, steps};
pub(crate) use names::{Mail, mails};
pub(super) use names::{misfit, misfit_of_merged};
pub(super) use thing::{meeting_named, thing};

use super::Settings;
use super::context::Context;
use super::seats::parts;
use crate::definition::model::{
    Anchor, Fact, Meeting, MessageTime, Per, State, StateId, StatePart, Workflow,
};
use crate::definition::value::{FactKind, Value};
use crate::engine::effect::{About, Intent};
use crate::engine::frame::{Frame, View, initial, path_to};
use crate::engine::plan;
use crate::engine::subject::{Ending, Kind, Subject};
use crate::store::{MemberRow, OrganisationRow, PersonRow, SubjectRow};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, HashMap};

/// What was read for a mail, besides its subject.
pub(super) struct Known<'k> {
    pub people: &'k HashMap<i64, PersonRow>,
    pub organisations: &'k HashMap<i64, OrganisationRow>,
    /// Words of text facts, by subject.
    pub texts: &'k HashMap<i64, BTreeMap<String, String>>,
    pub settings: &'k Settings,
}

/// Whoever gets the mail.
#[derive(Clone, Debug)]
pub(super) struct Recipient {
    pub name: String,
    pub organisation: Option<String>,
    pub role: String,
    pub is_candidate: bool,
}

/// Whose cases a digest is about.
pub(super) type Members = [(MemberRow, Subject)];

/// A workflow's title for a role.
pub(super) fn role_title(workflow: &Workflow, seat: &str) -> String {
    let (role, _) = parts(seat);
    let found = workflow.roles.iter().find(|known| *known.name == *role);
    found.map_or_else(|| role.to_owned(), |role| role.title.clone())
}

/// What every mail has. One that is gathered is not about one case alone, even if it holds but one.
pub(super) fn base(
    context: &Context,
    subject: &Subject,
    recipient: &Recipient,
    known: &Known<'_>,
    gathered: bool,
) -> Map<String, Json> {
    let workflow = &context.version.workflow;
    let mut data = Map::new();
    let organisation = recipient.organisation.clone();
    data.insert(
        "recipient".into(),
        json!({
            "name": recipient.name,
            "first_name": first_name(&recipient.name),
            "role": recipient.role,
            "organisation": organisation,
            "is_candidate": recipient.is_candidate,
        }),
    );
    data.insert("contact".into(), contact(context, known));
    data.insert("organisation".into(), json!(known.settings.organisation));
    data.insert("language".into(), json!(workflow.language));
    let logo = known.settings.logo.as_ref();
    let logo = logo.map(|logo| logo.data(&known.settings.mail_host));
    data.insert("logo".into(), json!(logo));
    data.insert(
        "workflow".into(),
        json!({"id": workflow.id, "title": workflow.title}),
    );
    let page = |base: &String| {
        format!(
            "{}/sager/{}",
            base.trim_end_matches('/'),
            context.row.public_id
        )
    };
    data.insert(
        "link".into(),
        json!(known.settings.base_url.as_ref().map(page)),
    );
    let one_case = subject.kind == Kind::Case && !gathered;
    data.insert("cohort".into(), cohort(context, subject, known, one_case));
    data.insert("people".into(), people(context, subject, known, one_case));
    data
}

/// The hold's coordinator: the first holder of the role that overdue tasks go to.
pub(super) fn contact_person<'k>(
    context: &Context,
    known: &Known<'k>,
) -> Option<(String, &'k PersonRow)> {
    let workflow = &context.version.workflow;
    let role = workflow.overdue.as_ref()?.to.first()?;
    let holders = context
        .cohort_people()
        .and_then(|people| people.get(role))
        .or_else(|| context.workflow_people.get(role))?;
    let person = known.people.get(holders.first()?)?;
    Some((role_title(workflow, role), person))
}

fn contact(context: &Context, known: &Known<'_>) -> Json {
    match contact_person(context, known) {
        Some((title, person)) => {
            json!({"name": person.name, "email": person.email, "phone": person.phone, "title": title})
        }
        None => {
            let from = &known.settings.from;
            let name = from.name().unwrap_or(&known.settings.organisation);
            json!({"name": name, "email": from.address(), "phone": null, "title": known.settings.organisation})
        }
    }
}

fn cohort(context: &Context, subject: &Subject, known: &Known<'_>, one_case: bool) -> Json {
    let (row, hold): (&SubjectRow, &Subject) = match subject.kind {
        Kind::Workflow => return Json::Null,
        Kind::Cohort => (&context.row, subject),
        Kind::Case => match &context.cohort {
            Some(hold) => (&hold.row.subject, &hold.subject),
            None => return Json::Null,
        },
    };
    let workflow = &context.version.workflow;
    let free = context.view().free_places.filter(|_| one_case);
    json!({
        "title": row.title,
        "start": hold.dates.get("start").map(ToString::to_string),
        "dates": hold.dates.iter().map(|(name, date)| (name.to_string(), json!(date.to_string()))).collect::<Map<_, _>>(),
        "places": workflow.cohort.places,
        "free_places": free,
        "facts": facts(workflow, &workflow.cohort.facts, hold, known.texts.get(&row.id)),
    })
}

/// How mail in a language says no and yes. Like the templates' helpers: `en` is English, all else Danish.
fn no_and_yes(language: &str) -> [&'static str; 2] {
    match language {
        "en" => ["no", "yes"],
        _ => ["nej", "ja"],
    }
}

/// Facts that are not confidential, in the words people read; unknown ones are null.
fn facts(
    workflow: &Workflow,
    defined: &[Fact],
    subject: &Subject,
    texts: Option<&BTreeMap<String, String>>,
) -> Json {
    let shown = |fact: &Fact| -> Json {
        let Some(recorded) = subject.facts.get(&fact.name) else {
            return Json::Null;
        };
        match (&recorded.value, &fact.kind) {
            (Value::Written, FactKind::Text { .. }) => {
                json!(texts.and_then(|texts| texts.get(&*fact.name)))
            }
            (Value::Date(date), _) => json!(date.to_string()),
            (Value::YesNo(yes), _) => {
                let [no, is_so] = no_and_yes(&workflow.language);
                json!(if *yes { is_so } else { no })
            }
            (value, kind) => json!(kind.show(value)),
        }
    };
    let visible = defined.iter().filter(|fact| !fact.confidential);
    Json::Object(
        visible
            .map(|fact| (fact.name.to_string(), shown(fact)))
            .collect(),
    )
}

/// Holders of every role of the hold and the workflow; of a case also its own.
fn people(context: &Context, subject: &Subject, known: &Known<'_>, one_case: bool) -> Json {
    let mut all = Map::new();
    for role in &context.version.workflow.roles {
        let holders = match role.per {
            Per::Candidate if one_case => subject.people.get(&role.name),
            Per::Candidate => continue,
            Per::Cohort => context
                .cohort_people()
                .and_then(|people| people.get(&role.name)),
            Per::Workflow => context.workflow_people.get(&role.name),
        };
        let people: Vec<Json> = holders
            .into_iter()
            .flatten()
            .filter_map(|id| known.people.get(id))
            .map(|person| {
                let organisation = person.organisation.as_ref().map(|organisation| &organisation.name);
                json!({"name": person.name, "email": person.email, "phone": person.phone, "organisation": organisation})
            })
            .collect();
        all.insert(role.name.to_string(), Json::Array(people));
    }
    Json::Object(all)
}

/// The names of mail about one case.
pub(super) fn case(
    context: &Context,
    subject: &Subject,
    view: &View<'_>,
    intent: &Intent,
    known: &Known<'_>,
) -> Map<String, Json> {
    let workflow = &context.version.workflow;
    let frame = Frame::new(view, subject);
    let mut data = Map::new();
    data.insert("candidate".into(), candidate(context, known));
    let state = frame.atomic().map(|id| frame.state(id).title.clone());
    let since = subject
        .state
        .as_ref()
        .and_then(|state| subject.visits.get(state))
        .map(|visit| visit.day.to_string());
    data.insert(
        "case".into(),
        json!({"id": context.row.public_id, "state": state, "since": since}),
    );
    data.insert(
        "facts".into(),
        facts(
            workflow,
            &workflow.facts,
            subject,
            known.texts.get(&context.row.id),
        ),
    );
    data.insert("states".into(), days_of(view, subject, intent));
    let own = workflow
        .states
        .iter()
        .flat_map(|state| &state.scope.meetings);
    data.insert("meetings".into(), meetings(&frame, own, false));
    data.insert(
        "cohort_meetings".into(),
        meetings(&frame, &workflow.cohort.scope.meetings, true),
    );
    data
}

/// The names of hold-wide mail.
pub(super) fn hold(context: &Context, subject: &Subject, view: &View<'_>) -> Map<String, Json> {
    let frame = Frame::new(view, subject);
    let mut data = Map::new();
    data.insert("states".into(), states(&frame));
    data.insert(
        "cohort_meetings".into(),
        meetings(
            &frame,
            &context.version.workflow.cohort.scope.meetings,
            true,
        ),
    );
    data
}

/// The candidate of a case.
pub(super) fn candidate(context: &Context, known: &Known<'_>) -> Json {
    let Some(person) = context.row.person_id.and_then(|id| known.people.get(&id)) else {
        return Json::Null;
    };
    let organisation = context
        .row
        .organisation_id
        .and_then(|id| known.organisations.get(&id))
        .map(|one| &one.name);
    json!({"name": person.name, "first_name": first_name(&person.name), "organisation": organisation})
}

/// The days of a case's states. What has happened is told also when the case has been led out of the state
/// since, or its hold was cancelled: days that it does not come to any more are told as they were
/// planned then. Who hears that a state was left hears where the case is now.
fn days_of(view: &View<'_>, subject: &Subject, intent: &Intent) -> Json {
    let mut days = states(&Frame::new(view, subject));
    let Some(then) = before_it_left(view.workflow, subject, intent) else {
        return days;
    };
    let planned = states(&Frame::new(view, &then));
    for (name, day) in days.as_object_mut().into_iter().flatten() {
        for part in ["first_day", "last_day"] {
            if day[part].is_null() {
                day[part] = planned[name][part].clone();
            }
        }
    }
    days
}

/// The case as if it were still where the mail stands, if it is not.
fn before_it_left(workflow: &Workflow, subject: &Subject, intent: &Intent) -> Option<Subject> {
    let cancelled = (subject.ended.as_ref()).is_some_and(|ended| ended.how == Ending::Cancelled);
    let mut then = subject.clone();
    then.ended = None;
    let left = |id: &StateId| {
        let state = &workflow.states[id.0];
        let visit = subject.visits.get(&state.name);
        visit.is_some_and(|visit| visit.left.is_some()) && !tells_of_leaving(state, intent)
    };
    if let Some(home) = home_of(workflow, intent).filter(left) {
        let atomic = initial(workflow, home);
        for id in path_to(workflow, atomic) {
            if let Some(visit) = then.visits.get_mut(&workflow.states[id.0].name) {
                visit.left = None;
            }
        }
        then.state = Some(workflow.states[atomic.0].name.clone());
    } else if !cancelled {
        return None;
    }
    Some(then)
}

/// The state that a mail stands in: `declaration@scope#visit.ordinal`.
fn home_of(workflow: &Workflow, intent: &Intent) -> Option<StateId> {
    let (_, scope) = intent.occurrence.split_once('@')?;
    let (scope, _) = scope.split_once('#')?;
    workflow.state_ids.get(scope).copied()
}

fn tells_of_leaving(state: &State, intent: &Intent) -> bool {
    let mut messages = state.scope.messages.iter();
    let message = messages.find(|message| message.name == intent.name);
    intent.about == About::Message
        && message.is_some_and(|message| {
            matches!(&message.when, MessageTime::When { point, .. } if is_leaving(&point.anchor))
        })
}

fn is_leaving(anchor: &Anchor) -> bool {
    let part = match anchor {
        Anchor::State { part, .. } => *part,
        _ => return *anchor == Anchor::Left,
    };
    part == StatePart::Left
}

fn states(frame: &Frame<'_>) -> Json {
    let states = frame.workflow().states.iter().enumerate().skip(1).map(|(at, state)| {
        let id = StateId(at);
        let day = |date: Option<Date>| date.map(|date| date.to_string());
        let days = json!({"title": state.title, "first_day": day(frame.first_day(id)), "last_day": day(frame.last_day(id))});
        (state.name.to_string(), days)
    });
    Json::Object(states.collect())
}

fn meetings<'m>(
    frame: &Frame<'_>,
    all: impl IntoIterator<Item = &'m Meeting>,
    cohort: bool,
) -> Json {
    let one = |meeting: &Meeting| {
        let booking = frame.booking(cohort, &meeting.name);
        let local = |at: Timestamp| {
            frame
                .calendar()
                .local(at)
                .strftime("%Y-%m-%dT%H:%M")
                .to_string()
        };
        json!({
            "title": meeting.title,
            "start": booking.map(|booking| local(booking.start)),
            "end": booking.map(|booking| local(booking.end)),
            "minutes": plan::length_of(meeting.lasts).as_mins(),
            "place": booking.and_then(|booking| booking.place.clone()),
        })
    };
    Json::Object(
        all.into_iter()
            .map(|meeting| (meeting.name.to_string(), one(meeting)))
            .collect(),
    )
}

/// What happened, for mail that tells of it.
pub(super) fn event(context: &Context, intent: &Intent) -> Json {
    let Some(said) = &intent.event else {
        return Json::Null;
    };
    let local = context.version.workflow.calendar.local(said.at);
    json!({"title": said.title, "at": local.strftime("%Y-%m-%dT%H:%M").to_string(), "date": local.date().to_string()})
}

fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What mails say is what templates were checked against.
    #[test]
    fn yes_and_no_are_said_in_the_language_of_the_mail() {
        for (language, said) in [("da", ["nej", "ja"]), ("en", ["no", "yes"])] {
            let yaml = format!(
                "workflow: it
title: It
language: {language}
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles: {{coordinator: {{title: Coordinator, per: cohort}}}}
cohort: {{dates: {{start: {{title: Start}}}}}}
candidate:
  facts: {{paid: {{title: Paid, type: yes_no}}}}
  states:
    course: {{title: Course, until: cohort.start, then: through}}
    through: {{title: Through, final: success}}
"
            );
            let read = crate::definition::read("it.yaml", &yaml);
            let workflow = read.workflow.expect("it is right");
            let told = [false, true].map(|paid| {
                let at = "2027-01-04T09:00:00Z";
                let subject: Subject = serde_json::from_value(json!({
                    "kind": "case", "seq": 1, "state": "course", "opened_at": at,
                    "opened_day": "2027-01-04", "last_at": at,
                    "facts": {"paid": {"value": {"yes_no": paid}, "at": at}},
                }))
                .expect("a case");
                facts(&workflow, &workflow.facts, &subject, None)["paid"].clone()
            });
            assert_eq!(told, said.map(|word| json!(word)));
            assert_eq!(no_and_yes(language), said);
        }
    }
}
