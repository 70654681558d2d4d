//! Something happened: an event, a task, a meeting, a fact. What a person typed becomes an input.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use serde::Serialize;

use super::{Desk, DeskError, MailLine, MailsAsked, StateCount, Wrong, cells, facts, words};
use crate::definition::model::{Meeting, Name, Part, Trigger, Workflow};
use crate::engine::frame::{Frame, atomic_in};
use crate::engine::input::{Actor, Input, Refusal, TaskAct};
use crate::engine::plan;
use crate::engine::subject::{Kind, Subject};
use crate::engine::why::day_words;
use crate::runner::RunError;
use crate::runner::context::Context;

/// What a person says has happened.
#[derive(Clone, Debug, Default)]
pub struct Fire {
    /// The case or hold.
    pub of: String,
    /// `accept`, `TASK.done`, `MEETING.booked`, `facts`.
    pub event: String,
    /// `track=sundhed`.
    pub set: Vec<(String, String)>,
    /// The role acted in; none is the operator.
    pub role: Option<String>,
    /// Why a false condition is passed.
    pub override_reason: Option<String>,
    /// A meeting's start, local.
    pub at: Option<DateTime>,
    /// A meeting's place.
    pub place: Option<String>,
    /// `mentor=aase@college.example`.
    pub assign: Vec<(String, String)>,
    /// Cases that did not come to a hold's meeting.
    pub absent: Vec<String>,
    /// The same key twice is one input.
    pub key: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Fired {
    /// The case's or hold's id.
    pub id: String,
    /// The candidate's name, or the hold's title.
    pub name: String,
    /// It had happened before, and is not done again.
    pub repeated: bool,
    /// What happened, in words, in order.
    pub events: Vec<String>,
    /// A case's state now: key and title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<(String, String)>,
    /// A hold's cases by state now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<StateCount>,
    /// Mails it gave rise to.
    pub mails: Vec<MailLine>,
    /// What is possible now.
    pub possible: Vec<Possible>,
}

/// Something that can be fired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Possible {
    /// What to type.
    pub event: String,
    /// What it is.
    pub title: String,
}

/// A word after the dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Task(TaskAct),
    Booked,
    Met(Part),
}

const VERBS: [(&str, Verb); 7] = [
    ("done", Verb::Task(TaskAct::Done)),
    ("skipped", Verb::Task(TaskAct::Skip)),
    ("reopened", Verb::Task(TaskAct::Reopen)),
    ("booked", Verb::Booked),
    ("held", Verb::Met(Part::Held)),
    ("no_show", Verb::Met(Part::NoShow)),
    ("cancelled", Verb::Met(Part::Cancelled)),
];

/// The word that only records.
const FACTS: &str = "facts";

impl Desk {
    /// Puts what a person says to a case or hold.
    pub async fn fire(&self, said: &Fire) -> Result<Fired, DeskError> {
        let context = self.any(&said.of).await?;
        let workflow = &context.version.workflow;
        let mut wrongs = Vec::new();
        let actor = actor(workflow, said, &mut wrongs);
        let assign = self.assigned(said, &mut wrongs).await?;
        let absent = self.absent(said, &context, &mut wrongs).await?;
        let inputs = inputs(&context, said, assign, &mut wrongs);
        if !wrongs.is_empty() {
            return Err(DeskError::Wrong(wrongs));
        }
        let before = self.newest_mail(context.row.id).await?;
        let (mut events, mut repeated) = (Vec::new(), false);
        for (at, mut input) in inputs.into_iter().enumerate() {
            if let Input::Met {
                meeting,
                part,
                attendance,
            } = &mut input
            {
                *attendance = self.attendance(&context, meeting, *part, &absent).await?;
            }
            // One command may be several inputs, and each is to be taken once.
            let key = said.key.as_ref().map(|key| {
                if at == 0 {
                    key.clone()
                } else {
                    format!("{key}/{at}")
                }
            });
            let done = self
                .runner()
                .input(context.row.id, &input, &actor, key.as_deref())
                .await;
            let done = done.map_err(|error| not_taken(&context, error))?;
            repeated |= done.repeated;
            events.extend(done.events.into_iter().map(|(_, event)| event));
        }
        self.settle().await;
        let names = self.everyone(&events).await?;
        let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
        let kind = context.subject.kind;
        let words = events
            .iter()
            .filter_map(|event| words::event_words(workflow, kind, &name, event))
            .collect();
        self.fired(&context, words, repeated, before).await
    }

    /// What can be done with a case or hold now.
    pub async fn possible(&self, of: &str) -> Result<Vec<Possible>, DeskError> {
        Ok(possible(&self.any(of).await?))
    }

    async fn fired(
        &self,
        context: &Context,
        events: Vec<String>,
        repeated: bool,
        before: i64,
    ) -> Result<Fired, DeskError> {
        let now = self.context(context.row.id).await?;
        let workflow = &now.version.workflow;
        let person: Vec<i64> = now.row.person_id.into_iter().collect();
        let name = self
            .names(&person)
            .await?
            .pop()
            .or(now.row.title.clone())
            .unwrap_or_default();
        let state = now
            .subject
            .state
            .as_ref()
            .map(|state| (state.to_string(), words::state_title(workflow, state)));
        let states = match now.subject.kind {
            Kind::Cohort => {
                self.by_state(workflow, &self.subjects_of(now.row.id).await?)
                    .await?
            }
            Kind::Case | Kind::Workflow => Vec::new(),
        };
        let asked = MailsAsked {
            subject: Some(now.row.id),
            ..MailsAsked::default()
        };
        let mut mails = self.mails(&asked).await?;
        mails.retain(|mail| mail.id > before);
        mails.reverse();
        let possible = possible(&now);
        Ok(Fired {
            id: now.row.public_id,
            name,
            repeated,
            events,
            state,
            states,
            mails,
            possible,
        })
    }

    async fn newest_mail(&self, subject: i64) -> Result<i64, DeskError> {
        let asked = MailsAsked {
            subject: Some(subject),
            limit: Some(1),
            ..MailsAsked::default()
        };
        Ok(self.mails(&asked).await?.first().map_or(0, |mail| mail.id))
    }

    async fn assigned(
        &self,
        said: &Fire,
        wrongs: &mut Vec<Wrong>,
    ) -> Result<BTreeMap<Name, Vec<i64>>, DeskError> {
        let mut assigned: BTreeMap<Name, Vec<i64>> = BTreeMap::new();
        for (role, emails) in &said.assign {
            let ids = self
                .people_by_email(emails, &format!("--assign {role}"), wrongs)
                .await?;
            assigned
                .entry(role.as_str().into())
                .or_default()
                .extend(ids);
        }
        Ok(assigned)
    }

    async fn absent(
        &self,
        said: &Fire,
        context: &Context,
        wrongs: &mut Vec<Wrong>,
    ) -> Result<Vec<i64>, DeskError> {
        let mut absent = Vec::new();
        for typed in &said.absent {
            match self.any(typed).await {
                Ok(case) if case.row.cohort_id == Some(context.row.id) => absent.push(case.row.id),
                Ok(_) => {
                    let wrong =
                        Wrong::new(format!("»{typed}« er ikke på holdet.")).column("--absent");
                    wrongs.push(wrong.help(format!(
                        "Se holdets kandidater med: tovholder cohort show {}",
                        said.of
                    )));
                }
                Err(DeskError::Wrong(found)) => {
                    wrongs.extend(found.into_iter().map(|wrong| wrong.column("--absent")))
                }
                Err(error) => return Err(error),
            }
        }
        Ok(absent)
    }

    /// Who came to a hold's meeting: all it is about, but for those who are named.
    async fn attendance(
        &self,
        context: &Context,
        meeting: &Name,
        part: Part,
        absent: &[i64],
    ) -> Result<Vec<(i64, bool)>, DeskError> {
        let workflow = &context.version.workflow;
        let meetings = &workflow.cohort.scope.meetings;
        let found: Option<&Meeting> = meetings.iter().find(|known| known.name == *meeting);
        let Some(found) = found.filter(|_| context.subject.kind == Kind::Cohort) else {
            return Ok(Vec::new());
        };
        let states = atomic_in(workflow, &found.about);
        let cases = self.subjects_of(context.row.id).await?;
        let about = |subject: &Subject| {
            subject.ended.is_none()
                && subject
                    .state
                    .as_ref()
                    .is_some_and(|state| states.contains(state))
        };
        let came = |id: i64| part != Part::NoShow && !absent.contains(&id);
        Ok(cases
            .iter()
            .filter(|(_, subject)| about(subject))
            .map(|(row, _)| (row.id, came(row.id)))
            .collect())
    }

    async fn everyone(
        &self,
        events: &[crate::engine::event::Event],
    ) -> Result<std::collections::HashMap<i64, String>, DeskError> {
        let ids: Vec<i64> = events
            .iter()
            .filter_map(|event| match event {
                crate::engine::event::Event::Assigned { people, .. } => Some(people.clone()),
                _ => None,
            })
            .flatten()
            .collect();
        let people = self.runner().store().people(&ids).await?;
        Ok(people
            .into_iter()
            .map(|(id, person)| (id, person.name))
            .collect())
    }
}

fn actor(workflow: &Workflow, said: &Fire, wrongs: &mut Vec<Wrong>) -> Actor {
    let role = said.role.as_ref().and_then(|role| {
        let known = workflow.roles.iter().find(|known| *known.name == **role);
        if known.is_none() {
            let wrong = Wrong::new(format!("Der er ingen rolle »{role}«.")).column("--as");
            let roles = workflow.roles.iter().map(|known| &*known.name);
            wrongs.push(Wrong {
                help: words::did_you_mean(role, roles),
                ..wrong
            });
        }
        known.map(|known| known.name.clone())
    });
    Actor {
        role,
        from: "cli".to_owned(),
    }
}

/// What was said, as inputs; nothing when something is wrong.
fn inputs(
    context: &Context,
    said: &Fire,
    assign: BTreeMap<Name, Vec<i64>>,
    wrongs: &mut Vec<Wrong>,
) -> Vec<Input> {
    let (workflow, kind) = (&context.version.workflow, context.subject.kind);
    let set = facts::given(workflow, kind == Kind::Cohort, &said.set, wrongs);
    let texts = [
        ("--override-reason", &said.override_reason),
        ("--place", &said.place),
    ];
    for (option, text) in texts {
        let bad = text.as_deref().map(cells::refuse_cpr).and_then(Result::err);
        wrongs.extend(bad.map(|wrong| wrong.column(option)));
    }
    unused(said, wrongs);
    if said.event == FACTS {
        if set.is_empty() && assign.is_empty() && wrongs.is_empty() {
            wrongs.push(
                Wrong::new("Der er intet at notere.")
                    .help("Giv --set NAVN=VÆRDI eller --assign ROLLE=E-MAIL."),
            );
        }
        let record = (!set.is_empty()).then_some(Input::Record(set));
        return record
            .into_iter()
            .chain(
                assign
                    .into_iter()
                    .map(|(role, people)| Input::Assign { role, people }),
            )
            .collect();
    }
    let (name, verb) = match verb_of(context, &said.event) {
        Ok(parsed) => parsed,
        Err(wrong) => {
            wrongs.push(wrong);
            return Vec::new();
        }
    };
    let input = match verb {
        None => Input::Fire {
            event: name,
            set,
            override_reason: said.override_reason.clone(),
        },
        Some(Verb::Task(act)) => Input::Task {
            task: name,
            act,
            set,
            assign,
        },
        Some(Verb::Booked) => {
            let Some(start) = said.at else {
                wrongs.push(
                    Wrong::new("Hvornår er mødet?")
                        .column("--at")
                        .help("Giv fx --at 2026-03-12T13:00."),
                );
                return Vec::new();
            };
            Input::Book {
                meeting: name,
                start,
                place: said.place.clone(),
            }
        }
        Some(Verb::Met(part)) => Input::Met {
            meeting: name,
            part,
            attendance: Vec::new(),
        },
    };
    vec![input]
}

/// Options that would be passed over in silence.
fn unused(said: &Fire, wrongs: &mut Vec<Wrong>) {
    let ends = |word: &str| said.event.ends_with(word);
    let only = [
        (
            said.at.is_some() || said.place.is_some(),
            ends(".booked"),
            "--at",
            "MØDE.booked",
        ),
        (
            !said.absent.is_empty(),
            ends(".held"),
            "--absent",
            "MØDE.held på et hold",
        ),
        (
            !said.assign.is_empty(),
            ends(".done") || said.event == FACTS,
            "--assign",
            "OPGAVE.done og facts",
        ),
        (
            said.override_reason.is_some(),
            !said.event.contains('.'),
            "--override-reason",
            "en hændelse",
        ),
        (
            !said.set.is_empty(),
            !(ends(".booked") || ends(".held") || ends(".no_show") || ends(".cancelled")),
            "--set",
            "hændelser, opgaver og facts",
        ),
    ];
    for (given, fits, option, with) in only {
        if given && !fits {
            wrongs.push(
                Wrong::new(format!("Det hører kun til {with}."))
                    .column(option)
                    .help("Udelad det."),
            );
        }
    }
}

/// `[cohort.]THING.verb`, or a declared event.
fn verb_of(context: &Context, event: &str) -> Result<(Name, Option<Verb>), Wrong> {
    let kind = context.subject.kind;
    let is_hold = kind == Kind::Cohort;
    let plain = match event.strip_prefix("cohort.") {
        Some(_) if !is_hold => {
            let wrong = Wrong::new(format!(
                "»{event}« sker på holdet og ikke i den enkelte kandidats forløb."
            ));
            return Err(wrong.help("Giv holdets id i stedet for kandidatens."));
        }
        Some(plain) => plain,
        None => event,
    };
    let Some((thing, word)) = plain.split_once('.') else {
        return match kind {
            Kind::Case => Ok((plain.into(), None)),
            Kind::Cohort | Kind::Workflow => Err(not_here(context, event)),
        };
    };
    let verb = VERBS
        .iter()
        .find(|(known, _)| *known == word)
        .map(|(_, verb)| *verb);
    let workflow = &context.version.workflow;
    let scopes: Vec<&crate::definition::model::Scope> = match kind {
        Kind::Cohort => vec![&workflow.cohort.scope],
        Kind::Case => workflow.states.iter().map(|state| &state.scope).collect(),
        Kind::Workflow => Vec::new(),
    };
    let is_task = scopes
        .iter()
        .any(|scope| scope.tasks.iter().any(|task| *task.name == *thing));
    let is_meeting = scopes
        .iter()
        .any(|scope| scope.meetings.iter().any(|meeting| *meeting.name == *thing));
    match verb {
        Some(verb @ Verb::Task(_)) if is_task => Ok((thing.into(), Some(verb))),
        Some(verb @ (Verb::Booked | Verb::Met(_))) if is_meeting => Ok((thing.into(), Some(verb))),
        _ => Err(not_here(context, event)),
    }
}

fn not_here(context: &Context, event: &str) -> Wrong {
    let possible = possible(context);
    let wrong = Wrong::new(format!("»{event}« kendes ikke her."));
    let known = possible
        .iter()
        .map(|possible| possible.event.as_str())
        .chain([FACTS]);
    Wrong {
        help: words::did_you_mean(event, known),
        ..wrong
    }
}

/// What can be fired now, innermost first.
pub(super) fn possible(context: &Context) -> Vec<Possible> {
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let mut possible: Vec<Possible> = Vec::new();
    if context.subject.ended.is_some() {
        return possible;
    }
    let mut add = |event: String, title: &str| {
        if !possible.iter().any(|known| known.event == event) {
            possible.push(Possible {
                event,
                title: title.to_owned(),
            });
        }
    };
    for open in frame.open().into_iter().rev() {
        for event in &open.scope.events {
            if let Trigger::Named(name) = &event.trigger {
                add(name.to_string(), &event.title);
            }
        }
        for task in &open.scope.tasks {
            if context
                .subject
                .tasks
                .get(&task.name)
                .is_some_and(|log| !log.open.is_empty())
            {
                add(format!("{}.done", task.name), &task.title);
                if task.optional || task.every.is_some() {
                    add(format!("{}.skipped", task.name), &task.title);
                }
            }
        }
        for meeting in &open.scope.meetings {
            let is_booked = context
                .subject
                .meetings
                .get(&meeting.name)
                .is_some_and(|log| !log.open.is_empty());
            add(format!("{}.booked", meeting.name), &meeting.title);
            if is_booked {
                for word in ["held", "no_show", "cancelled"] {
                    add(format!("{}.{word}", meeting.name), &meeting.title);
                }
            }
        }
    }
    possible
}

/// A refusal in words with what is possible, or the failure as it is.
pub(super) fn refused(
    workflow: &Workflow,
    kind: Kind,
    possible: Vec<Possible>,
    error: RunError,
) -> DeskError {
    match error {
        RunError::Refused(refusal) => {
            let words = words::refusal_words(workflow, kind, &refusal);
            DeskError::Refused {
                words,
                refusal,
                possible,
            }
        }
        error => DeskError::Run(error),
    }
}

fn not_taken(context: &Context, error: RunError) -> DeskError {
    let mut refused = refused(
        &context.version.workflow,
        context.subject.kind,
        possible(context),
        error,
    );
    if let DeskError::Refused {
        words,
        refusal: Refusal::NotBookable { meeting, .. },
        ..
    } = &mut refused
    {
        words.push(' ');
        words.push_str(&window_words(context, meeting));
    }
    refused
}

/// When a meeting can be booked.
fn window_words(context: &Context, meeting: &str) -> String {
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let open = frame.open().into_iter().find_map(|open| {
        let meeting = open
            .scope
            .meetings
            .iter()
            .find(|known| *known.name == *meeting)?;
        Some((open, meeting))
    });
    let Some((open, meeting)) = open else {
        return "Det hører ikke til den tilstand, kandidaten er i.".to_owned();
    };
    match plan::window(&frame, &open, meeting) {
        Some((first, last)) => format!(
            "Det kan holdes fra {} til {}, og ikke i fortiden.",
            day_words(first),
            day_words(last)
        ),
        None => match meeting.when {
            crate::definition::model::MeetingTime::Between(..) => {
                "Det vides endnu ikke, hvornår det kan holdes.".to_owned()
            }
            _ => "Tidspunktet er passeret.".to_owned(),
        },
    }
}
