//! What a person typed, as inputs; all that is wrong with it at once.

use std::collections::BTreeMap;

use super::fire::Fire;
use super::possible::possible;
use super::{Wrong, cells, facts, words};
use crate::definition::model::{Name, Part, Scope, Workflow};
use crate::engine::input::{Actor, Input, TaskAct};
use crate::engine::subject::Kind;
use crate::runner::context::Context;

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

/// Who acts.
pub(super) fn actor(workflow: &Workflow, said: &Fire, wrongs: &mut Vec<Wrong>) -> Actor {
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
        from: said.from.clone().unwrap_or_else(|| "cli".to_owned()),
    }
}

/// What was said, as inputs; nothing when something is wrong.
pub(super) fn inputs(
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
            another: said.another,
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
    let scopes: Vec<&Scope> = match kind {
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
