//! What a template may use, as JSON. `docs/` describes the names; the texts are written against them.
//!
//! Confidential facts never come here. Days are ISO dates, moments local civil time.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};

use super::Settings;
use super::context::Context;
use super::seats::parts;
use crate::definition::model::{Fact, Meeting, Name, Per, StateId, Workflow};
use crate::definition::value::{FactKind, Value};
use crate::engine::effect::{About, Intent};
use crate::engine::frame::{Frame, Open, View};
use crate::engine::plan;
use crate::engine::subject::{Kind, Subject};
use crate::message::danish_key;
use crate::store::{MemberRow, OrganisationRow, PersonRow, SubjectRow};

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

/// What every mail has.
pub(super) fn base(
    context: &Context,
    subject: &Subject,
    recipient: &Recipient,
    known: &Known<'_>,
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
    data.insert("cohort".into(), cohort(context, subject, known));
    data.insert("people".into(), people(context, subject, known));
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

fn cohort(context: &Context, subject: &Subject, known: &Known<'_>) -> Json {
    let (row, hold): (&SubjectRow, &Subject) = match subject.kind {
        Kind::Workflow => return Json::Null,
        Kind::Cohort => (&context.row, subject),
        Kind::Case => match &context.cohort {
            Some(hold) => (&hold.row.subject, &hold.subject),
            None => return Json::Null,
        },
    };
    let workflow = &context.version.workflow;
    let free = context
        .view()
        .free_places
        .filter(|_| subject.kind == Kind::Case);
    json!({
        "title": row.title,
        "start": hold.dates.get("start").map(ToString::to_string),
        "dates": hold.dates.iter().map(|(name, date)| (name.to_string(), json!(date.to_string()))).collect::<Map<_, _>>(),
        "places": workflow.cohort.places,
        "free_places": free,
        "facts": facts(&workflow.cohort.facts, hold, known.texts.get(&row.id)),
    })
}

/// Facts that are not confidential, in the words people read; unknown ones are null.
fn facts(defined: &[Fact], subject: &Subject, texts: Option<&BTreeMap<String, String>>) -> Json {
    let shown = |fact: &Fact| -> Json {
        let Some(recorded) = subject.facts.get(&fact.name) else {
            return Json::Null;
        };
        match (&recorded.value, &fact.kind) {
            (Value::Written, FactKind::Text { .. }) => {
                json!(texts.and_then(|texts| texts.get(&*fact.name)))
            }
            (Value::Date(date), _) => json!(date.to_string()),
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
fn people(context: &Context, subject: &Subject, known: &Known<'_>) -> Json {
    let mut all = Map::new();
    for role in &context.version.workflow.roles {
        let holders = match role.per {
            Per::Candidate if subject.kind == Kind::Case => subject.people.get(&role.name),
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
        facts(&workflow.facts, subject, known.texts.get(&context.row.id)),
    );
    data.insert("states".into(), states(&frame));
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

/// The task, meeting or booking that mail of a fixed name is about.
pub(super) fn thing(
    context: &Context,
    subject: &Subject,
    view: &View<'_>,
    intent: &Intent,
    known: &Known<'_>,
) -> Map<String, Json> {
    let frame = Frame::new(view, subject);
    let mut data = Map::new();
    match &intent.about {
        About::Message => {}
        About::Meeting { no, .. } => {
            data.insert(
                "meeting".into(),
                meeting(context, &frame, intent, *no, known),
            );
        }
        About::Booking => data.extend(booking(&frame, intent)),
        About::Overdue { no: 0 } => {
            let booked = booking(&frame, intent);
            data.insert(
                "task".into(),
                booked.get("task").cloned().unwrap_or(Json::Null),
            );
        }
        About::Task { no } | About::Overdue { no } => {
            data.insert("task".into(), task(&frame, &intent.name, *no));
        }
    }
    data
}

fn meeting(
    context: &Context,
    frame: &Frame<'_>,
    intent: &Intent,
    no: u32,
    known: &Known<'_>,
) -> Json {
    let Some(defined) = meeting_named(frame, &intent.name) else {
        return Json::Null;
    };
    let log = frame.subject.meetings.get(&intent.name);
    let booking = log.and_then(|log| {
        log.open
            .iter()
            .chain(&log.last)
            .find(|booking| booking.no == no)
    });
    let local = |at: Timestamp| {
        frame
            .calendar()
            .local(at)
            .strftime("%Y-%m-%dT%H:%M")
            .to_string()
    };
    // Who else is invited to a hold's meeting is nobody else's business; a case's meeting is small.
    let with: Vec<String> = match frame.subject.kind {
        Kind::Case => defined
            .with
            .iter()
            .flat_map(|role| names_of(context, frame.subject, role, known))
            .collect(),
        Kind::Cohort | Kind::Workflow => Vec::new(),
    };
    json!({
        "title": defined.title,
        "start": booking.map(|booking| local(booking.start)),
        "end": booking.map(|booking| local(booking.end)),
        "minutes": plan::length_of(defined.lasts).as_mins(),
        "place": booking.and_then(|booking| booking.place.clone()),
        "participants": with,
    })
}

fn names_of(context: &Context, subject: &Subject, role: &Name, known: &Known<'_>) -> Vec<String> {
    let ids = if **role == *crate::definition::model::CANDIDATE {
        context.row.person_id.into_iter().collect()
    } else {
        let own = subject.people.get(role);
        let hold = || context.cohort_people().and_then(|people| people.get(role));
        own.or_else(hold)
            .or_else(|| context.workflow_people.get(role))
            .cloned()
            .unwrap_or_default()
    };
    ids.iter()
        .filter_map(|id| known.people.get(id))
        .map(|person| person.name.clone())
        .collect()
}

/// A meeting of the subject, by name.
pub(super) fn meeting_named<'a>(frame: &Frame<'a>, name: &str) -> Option<&'a Meeting> {
    let workflow = frame.workflow();
    match frame.subject.kind {
        Kind::Cohort => workflow
            .cohort
            .scope
            .meetings
            .iter()
            .find(|meeting| *meeting.name == *name),
        Kind::Case => workflow
            .states
            .iter()
            .flat_map(|state| &state.scope.meetings)
            .find(|meeting| *meeting.name == *name),
        Kind::Workflow => None,
    }
}

fn open_with<'a>(frame: &Frame<'a>, name: &str) -> Option<Open<'a>> {
    frame.open().into_iter().find(|open| {
        let scope = open.scope;
        scope.meetings.iter().any(|meeting| *meeting.name == *name)
            || scope.tasks.iter().any(|task| *task.name == *name)
    })
}

fn booking(frame: &Frame<'_>, intent: &Intent) -> Map<String, Json> {
    let mut data = Map::new();
    let (Some(meeting), Some(open)) = (
        meeting_named(frame, &intent.name),
        open_with(frame, &intent.name),
    ) else {
        return data;
    };
    // A recurring meeting is booked on or after its slot, whose nominal day ends the occurrence's name.
    let slot = || {
        intent
            .occurrence
            .rsplit('.')
            .next()?
            .get(..10)?
            .parse::<Date>()
            .ok()
            .map(|day| (day, day))
    };
    let window = plan::window(frame, &open, meeting).or_else(slot);
    let due = meeting
        .book
        .as_ref()
        .zip(window)
        .map(|(book, (first, _))| plan::due_day(frame, book, first).to_string());
    let roles: Vec<String> = meeting
        .book
        .iter()
        .flat_map(|book| &book.by)
        .map(|role| role_title(frame.workflow(), role))
        .collect();
    data.insert(
        "meeting".into(),
        json!({"title": meeting.title, "minutes": plan::length_of(meeting.lasts).as_mins()}),
    );
    data.insert(
        "window".into(),
        json!(
            window
                .map(|(first, last)| json!({"first": first.to_string(), "last": last.to_string()}))
        ),
    );
    data.insert(
        "task".into(),
        json!({"title": format!("Book: {}", meeting.title), "due": due, "by": roles}),
    );
    data
}

fn task(frame: &Frame<'_>, name: &str, no: u32) -> Json {
    let Some(open) = open_with(frame, name) else {
        return Json::Null;
    };
    let scope = open.scope;
    let Some(defined) = scope.tasks.iter().find(|task| *task.name == *name) else {
        return Json::Null;
    };
    let one = frame
        .subject
        .tasks
        .get(name)
        .and_then(|log| log.open.iter().find(|one| one.no == no));
    let due = one
        .and_then(|one| plan::task_due(frame, defined, one, &open))
        .map(|due| due.to_string());
    let roles: Vec<String> = defined
        .by
        .iter()
        .map(|role| role_title(frame.workflow(), role))
        .collect();
    json!({"title": defined.title, "due": due, "by": roles})
}

/// Cases as a digest shows them: in Danish order, together, by hold and by state.
pub(super) fn digest(
    context: &Context,
    intent: &Intent,
    members: &Members,
    holds: &HashMap<i64, SubjectRow>,
    known: &Known<'_>,
) -> Map<String, Json> {
    let workflow = &context.version.workflow;
    let mut sorted: Vec<&(MemberRow, Subject)> = members.iter().collect();
    let name = |row: &MemberRow| {
        row.person_id
            .and_then(|id| known.people.get(&id))
            .map_or("", |person| person.name.as_str())
    };
    sorted.sort_by_cached_key(|(row, _)| (danish_key(name(row)), row.id));
    let one = |(row, subject): &(MemberRow, Subject)| {
        digest_case(workflow, row, subject, holds, known, name(row))
    };
    let cases: Vec<Json> = sorted.iter().map(|member| one(member)).collect();
    let mut by_hold: BTreeMap<(String, i64), Vec<Json>> = BTreeMap::new();
    for (member, case) in sorted.iter().zip(&cases) {
        let starts = holds
            .get(&member.0.cohort_id)
            .and_then(|hold| hold.starts_on.clone())
            .unwrap_or_default();
        by_hold
            .entry((starts, member.0.cohort_id))
            .or_default()
            .push(case.clone());
    }
    let cohorts: Vec<Json> = by_hold
        .into_iter()
        .map(|((start, id), cases)| {
            let title = holds.get(&id).and_then(|hold| hold.title.clone());
            json!({"title": title, "start": start, "count": cases.len(), "cases": cases})
        })
        .collect();
    let mut data = Map::new();
    data.insert("count".into(), json!(cases.len()));
    data.insert("by_state".into(), by_state(workflow, intent, &cases));
    data.insert("cohorts".into(), Json::Array(cohorts));
    data.insert("cases".into(), Json::Array(cases));
    data
}

fn digest_case(
    workflow: &Workflow,
    row: &MemberRow,
    subject: &Subject,
    holds: &HashMap<i64, SubjectRow>,
    known: &Known<'_>,
    name: &str,
) -> Json {
    let state = subject
        .state
        .as_ref()
        .and_then(|state| workflow.state_ids.get(state))
        .map(|id| &workflow.states[id.0]);
    let since = subject
        .state
        .as_ref()
        .and_then(|state| subject.visits.get(state))
        .map(|visit| visit.day.to_string());
    let hold = holds.get(&row.cohort_id);
    json!({
        "name": name,
        "first_name": first_name(name),
        "organisation": row.organisation_id.and_then(|id| known.organisations.get(&id)).map(|one| &one.name),
        "state": state.map(|state| &state.title),
        "state_name": subject.state,
        "since": since,
        "cohort": {"title": hold.and_then(|hold| hold.title.clone()), "start": hold.and_then(|hold| hold.starts_on.clone())},
        "absences": subject.fired.get("absence").map_or(0, |fired| fired.count),
        "outcome": subject.ended.as_ref().map(|ended| ended.how),
    })
}

/// One entry per state that the message names; a compound collects what it contains.
fn by_state(workflow: &Workflow, intent: &Intent, cases: &[Json]) -> Json {
    let mut named: Vec<StateId> = message_named(workflow, &intent.name)
        .map(<[StateId]>::to_vec)
        .unwrap_or_default();
    if named.is_empty() {
        named = (1..workflow.states.len()).map(StateId).collect();
    }
    let entries = named.into_iter().map(|id| {
        let inside = crate::engine::frame::atomic_in(workflow, &[id]);
        let here: Vec<&Json> = cases
            .iter()
            .filter(|case| {
                case["state_name"]
                    .as_str()
                    .is_some_and(|state| inside.iter().any(|name| **name == *state))
            })
            .collect();
        let state = &workflow.states[id.0];
        (
            state.name.to_string(),
            json!({"title": state.title, "count": here.len(), "cases": here}),
        )
    });
    Json::Object(entries.collect())
}

fn message_named<'w>(workflow: &'w Workflow, name: &str) -> Option<&'w [StateId]> {
    let all = workflow
        .cohort
        .scope
        .messages
        .iter()
        .chain(&workflow.scope.messages);
    all.into_iter()
        .find(|message| *message.name == *name)
        .map(|message| message.about.as_slice())
}

fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}
