//! What a person can do with a case or hold now, as forms: each with what it asks for, and nothing that their role may
//! not do.

use jiff::civil::Date;
use serde::Serialize;

use crate::definition::model::{Fact, FactRef, Fill, Name, Scope, Task, Trigger};
use crate::definition::value::{FactKind, GRADES};
use crate::engine::frame::Frame;
use crate::engine::plan::task_due;
use crate::runner::context::Context;
use crate::store::SubjectKind;

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Deed {
    /// What is fired, as typed: `accept`, `call.done`, `talk.booked`.
    pub event: String,
    /// What it is about. Danish.
    pub title: String,
    /// What is done with it: the word on the button. Danish.
    pub verb: &'static str,
    /// What sort of thing it is.
    pub sort: Sort,
    /// Of a task: by when.
    pub due: Option<Date>,
    /// Of a task: that day has passed.
    pub overdue: bool,
    /// What it asks for.
    pub fields: Vec<Field>,
    /// Of a hold's meeting that was held: its key, by which is asked who came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who_came: Option<String>,
    /// How many events the case or hold had: whoever does it names that, so that nobody does what they would not
    /// have done had they seen what happened since.
    pub seq: i64,
}

/// What sort of thing a deed is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// A task, and what becomes of it.
    Task,
    /// A meeting, and what becomes of it.
    Meeting,
    /// An event that the workflow declares.
    Event,
}

/// Something that a deed asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Field {
    /// Its name in a form: a fact's key, `at`, `place`.
    pub name: String,
    /// Danish.
    pub title: String,
    /// What is given.
    pub input: InputKind,
    /// Choices: what is given, and what people read.
    #[schema(value_type = Vec<Vec<String>>)]
    pub choices: Vec<(String, String)>,
    /// It may not be left empty.
    pub required: bool,
    /// What is known already, as it would be given.
    pub known: String,
    /// Characters at most, of a text.
    pub max: Option<u32>,
}

/// What is given in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// One of the choices.
    Choice,
    /// A number, with a decimal comma or without one.
    Number,
    /// A day.
    Date,
    /// A local day and time.
    Moment,
    /// A line.
    Line,
    /// A text of several lines.
    Text,
}

/// Who asks: one role of the workflow, or the operator, who may do everything.
type By<'a> = Option<&'a str>;

/// What can be done now: open tasks first, by when they are due.
pub(super) fn deeds(context: &Context, by: By<'_>) -> Vec<Deed> {
    if context.subject.ended.is_some() {
        return Vec::new();
    }
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let mut all: Vec<Deed> = Vec::new();
    for open in frame.open().into_iter().rev() {
        for task in &open.scope.tasks {
            all.extend(of_task(context, &frame, &open, task, by));
        }
        all.extend(of_meetings(context, open.scope, by));
        all.extend(of_events(context, open.scope, by));
    }
    let mut known = std::collections::HashSet::new();
    all.retain(|deed| known.insert(deed.event.clone()));
    all.sort_by_key(|deed| (deed.sort, deed.due.unwrap_or(Date::MAX)));
    all
}

/// Whether a role is one of those named; nobody named is everybody who works on the case. On a hold, which is
/// about everybody's cases, it is nobody but who acts for others.
fn is_for(context: &Context, by: By<'_>, roles: &[Name]) -> bool {
    let anybody = roles.is_empty() && context.row.kind == SubjectKind::Case;
    by.is_none_or(|by| anybody || roles.iter().any(|role| **role == *by))
}

fn of_task(
    context: &Context,
    frame: &Frame<'_>,
    open: &crate::engine::frame::Open<'_>,
    task: &Task,
    by: By<'_>,
) -> Vec<Deed> {
    let log = context.subject.tasks.get(&task.name);
    let Some(first) = log.and_then(|log| log.open.first()) else {
        return Vec::new();
    };
    if !is_for(context, by, &task.by) {
        return Vec::new();
    }
    let due = task_due(frame, task, first, open);
    let deed = |verb, part: &str, fields| Deed {
        event: format!("{}.{part}", task.name),
        title: task.title.clone(),
        verb,
        sort: Sort::Task,
        due,
        overdue: first.overdue,
        fields,
        who_came: None,
        seq: context.row.seq,
    };
    let facts = task.fills.iter().filter_map(|fill| match fill {
        Fill::Fact(fact) => field(context, fact),
        Fill::Role(_) => None,
    });
    let mut all = vec![deed("Løst", "done", facts.collect())];
    if task.optional || task.every.is_some() {
        all.push(deed("Spring over", "skipped", Vec::new()));
    }
    all
}

fn of_meetings(context: &Context, scope: &Scope, by: By<'_>) -> Vec<Deed> {
    let is_of_all = context.row.kind == SubjectKind::Cohort;
    let mut all = Vec::new();
    for meeting in &scope.meetings {
        let books = meeting.book.as_ref().map_or(&[][..], |book| &book.by);
        if !is_for(context, by, books) {
            continue;
        }
        let log = context.subject.meetings.get(&meeting.name);
        let booked = log.and_then(|log| log.open.first());
        let deed = |verb, part: &str, fields| Deed {
            event: format!("{}.{part}", meeting.name),
            title: meeting.title.clone(),
            verb,
            sort: Sort::Meeting,
            due: None,
            overdue: false,
            fields,
            who_came: (part == "held" && is_of_all).then(|| meeting.name.to_string()),
            seq: context.row.seq,
        };
        let calendar = &context.version.workflow.calendar;
        let at = booked.map(|booking| calendar.local(booking.start));
        let known = at.map(|at| at.strftime("%Y-%m-%dT%H:%M").to_string());
        let place = booked.and_then(|booking| booking.place.clone());
        let plain = |name: &str, title: &str, input, known: String| Field {
            name: name.to_owned(),
            title: title.to_owned(),
            input,
            choices: Vec::new(),
            required: input == InputKind::Moment,
            known,
            max: None,
        };
        let fields = vec![
            plain(
                "at",
                "Dag og tid",
                InputKind::Moment,
                known.unwrap_or_default(),
            ),
            plain("place", "Sted", InputKind::Line, place.unwrap_or_default()),
        ];
        if booked.is_some() {
            for (verb, part) in [
                ("Holdt", "held"),
                ("Udeblev", "no_show"),
                ("Aflys", "cancelled"),
            ] {
                all.push(deed(verb, part, Vec::new()));
            }
            all.push(deed("Flyt", "booked", fields));
        } else {
            all.push(deed("Book", "booked", fields));
        }
    }
    all
}

fn of_events(context: &Context, scope: &Scope, by: By<'_>) -> Vec<Deed> {
    let mut all = Vec::new();
    for event in &scope.events {
        let Trigger::Named(name) = &event.trigger else {
            continue;
        };
        if is_for(context, by, &event.by) {
            let needs = event.needs.iter();
            all.push(Deed {
                event: name.to_string(),
                title: event.title.clone(),
                verb: "Udfør",
                sort: Sort::Event,
                due: None,
                overdue: false,
                fields: needs.filter_map(|fact| field(context, fact)).collect(),
                who_came: None,
                seq: context.row.seq,
            });
        }
    }
    all
}

/// A fact as a field; a hold's fact is given on the hold.
fn field(context: &Context, fact: &FactRef) -> Option<Field> {
    let workflow = &context.version.workflow;
    let is_hold = context.row.kind == SubjectKind::Cohort;
    if fact.cohort != is_hold {
        return None;
    }
    let defined = if is_hold {
        &workflow.cohort.facts
    } else {
        &workflow.facts
    };
    let fact = defined.iter().find(|known| known.name == fact.name)?;
    let recorded = context.subject.facts.get(&fact.name);
    let shown = recorded.map(|recorded| fact.kind.show(&recorded.value));
    Some(of_fact(fact, shown, recorded.is_none()))
}

/// A fact as a field, with what is shown of it already.
pub(super) fn of_fact(fact: &Fact, shown: Option<String>, required: bool) -> Field {
    let (input, choices, max) = match &fact.kind {
        FactKind::OneOf(choices) => (InputKind::Choice, choices.clone(), None),
        FactKind::YesNo => {
            let both = [("yes", "Ja"), ("no", "Nej")];
            let both = both.map(|(key, title)| (key.to_owned(), title.to_owned()));
            (InputKind::Choice, both.to_vec(), None)
        }
        FactKind::Grade => {
            let grades = GRADES.map(|grade| (grade.to_owned(), grade.to_owned()));
            (InputKind::Choice, grades.to_vec(), None)
        }
        FactKind::WholeNumber | FactKind::Decimal => (InputKind::Number, Vec::new(), None),
        FactKind::Date => (InputKind::Date, Vec::new(), None),
        FactKind::Text { max } => (InputKind::Text, Vec::new(), Some(*max)),
    };
    let known = choices
        .iter()
        .find(|(_, title)| Some(title.to_lowercase()) == shown.as_ref().map(|s| s.to_lowercase()))
        .map(|(key, _)| key.clone());
    Field {
        name: fact.name.to_string(),
        title: fact.title.clone(),
        input,
        choices,
        required,
        known: known.or(shown).unwrap_or_default(),
        max,
    }
}
