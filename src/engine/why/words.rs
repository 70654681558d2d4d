//! The words for plans, reasons, guards and decisions.

use jiff::civil::Date;

use crate::definition::model::{
    Anchor, Compare, FactRef, Guard, Meeting, Part, State, StatePart, Test, Workflow,
};
use crate::definition::value::Value;
use crate::engine::event::{Decision, Fate};
use crate::engine::guard;
use crate::engine::plan::{Keeps, Planned, What};

/// What is planned, in words.
#[must_use]
pub fn what_words(workflow: &Workflow, what: &What<'_>) -> String {
    let state = |id: &crate::definition::model::StateId| workflow.states[id.0].title.clone();
    match what {
        What::Deadline(id) => format!("{} slutter", state(id)),
        What::Resume(id, event) => format!("Fortsætter fra {}: {}", state(id), event.title),
        What::Hears(thing) => format!(
            "Hører fra holdet: {}",
            anchor_words(workflow, &Anchor::Thing((*thing).clone()))
        ),
        What::HoldEnds => "Slutter, fordi holdet er aflyst".to_owned(),
        What::Overdue(task, _) => format!("Fristen er overskredet: {}", task.title),
        What::TaskOpens(task) => format!("Opgave åbner: {}", task.title),
        What::Due(task, _) => format!("Frist: {}", task.title),
        What::MeetingSlot(meeting, _) => format!("Møde indkaldes: {}", meeting.title),
        What::SlotMoves(meeting, ..) => format!("Møde flyttes: {}", meeting.title),
        What::Meets(meeting, Some(_)) => format!("Møde: {}", meeting.title),
        What::Meets(meeting, None) => format!("Møde kan holdes fra: {}", meeting.title),
        What::Message(message) => format!("Mail: {}", message.name),
        What::MeetingReminder(meeting, ..) => format!("Påmindelse om møde: {}", meeting.title),
        What::BookingReminder(meeting, _) => format!("Påmindelse om at booke: {}", meeting.title),
        What::BookingOverdue(meeting) => format!("Mail om manglende booking: {}", meeting.title),
        What::TaskReminder(task, ..) => format!("Påmindelse om opgave: {}", task.title),
        What::OverdueMail(task, _) => format!("Mail om overskreden frist: {}", task.title),
        What::Retention => "Sagen anonymiseres".to_owned(),
    }
}

/// What keeps a case from being anonymised.
#[must_use]
pub fn keeps_words(keeps: Keeps) -> &'static str {
    match keeps {
        Keeps::Legal => "oplysningerne bevares af retlige grunde",
        Keeps::Journal => "journalen skal gemmes først, med alt, hvad der er sket i sagen",
    }
}

/// Why a planned thing falls when it does.
#[must_use]
pub fn why_words(planned: &Planned<'_>) -> String {
    let mut words = match planned.why.phrase.as_str() {
        "entered" => "ved indtræden i fasen".to_owned(),
        "" => "som booket".to_owned(),
        phrase => format!("»{phrase}«"),
    };
    if let Some(moved) = &planned.why.moved {
        words.push_str(", ");
        words.push_str(&moved.da());
    }
    if planned.ahead {
        words.push_str(", hvis forløbet går som planlagt");
    }
    words
}

/// What an anchor is called.
#[must_use]
pub fn anchor_words(workflow: &Workflow, anchor: &Anchor) -> String {
    let all = || workflow.states.iter();
    let states = |id: &crate::definition::model::StateId| workflow.states[id.0].title.clone();
    match anchor {
        Anchor::Date(date) => date.to_string(),
        Anchor::Entered => "fasen begynder".into(),
        Anchor::Left => "fasen forlades".into(),
        Anchor::Ended => "sagen er afsluttet".into(),
        Anchor::HoldDate(name) => {
            let date = workflow.cohort.dates.iter().find(|date| date.name == *name);
            date.map_or_else(|| name.to_string(), |date| date.title.clone())
        }
        Anchor::Fact(fact) => fact_title(workflow, fact),
        Anchor::Meeting { cohort, name } => meeting_title(workflow, *cohort, name),
        Anchor::Event(name) => all()
            .flat_map(|state: &State| &state.scope.events)
            .find(|event| matches!(&event.trigger, crate::definition::model::Trigger::Named(known) if known == name))
            .map_or_else(|| name.to_string(), |event| event.title.clone()),
        Anchor::PlaceFree => "en plads er blevet ledig".into(),
        Anchor::HoldCancelled => "holdet er aflyst".into(),
        Anchor::State { state, part } => {
            let word = match part {
                StatePart::FirstDay => "første dag",
                StatePart::LastDay => "sidste dag",
                StatePart::Entered => "begyndt",
                StatePart::Left => "forladt",
            };
            format!("{}, {word}", states(state))
        }
        Anchor::TaskDue { cohort, name } => format!("fristen for {}", task_title(workflow, *cohort, name)),
        Anchor::Thing(thing) => {
            let word = match thing.part {
                Part::Done => "udført",
                Part::Overdue => "overskredet",
                Part::Held => "afholdt",
                Part::NoShow => "ikke mødt",
                Part::Cancelled => "aflyst",
            };
            let title = match thing.part {
                Part::Done | Part::Overdue => task_title(workflow, thing.cohort, &thing.name),
                Part::Held | Part::NoShow | Part::Cancelled => meeting_title(workflow, thing.cohort, &thing.name),
            };
            format!("{title}: {word}")
        }
    }
}

fn fact_title(workflow: &Workflow, fact: &FactRef) -> String {
    match (&*fact.name, fact.cohort) {
        (guard::AGE, false) => return "fødselsdato".into(),
        (guard::FREE_PLACES, true) => return "en ledig plads på holdet".into(),
        (guard::NEXT_COHORT, true) => return "et senere hold".into(),
        _ => {}
    }
    let facts = if fact.cohort {
        &workflow.cohort.facts
    } else {
        &workflow.facts
    };
    let found = facts
        .iter()
        .find(|known| known.name == fact.name)
        .map(|known| known.title.clone());
    found.unwrap_or_else(|| meeting_title(workflow, fact.cohort, &fact.name))
}

fn task_title(workflow: &Workflow, cohort: bool, name: &str) -> String {
    let mut all = workflow.states.iter().flat_map(|state| &state.scope.tasks);
    let found = if cohort {
        workflow
            .cohort
            .scope
            .tasks
            .iter()
            .find(|task| *task.name == *name)
    } else {
        all.find(|task| *task.name == *name)
    };
    found.map_or_else(|| name.to_owned(), |task| task.title.clone())
}

fn meeting_title(workflow: &Workflow, cohort: bool, name: &str) -> String {
    let mut all = workflow
        .states
        .iter()
        .flat_map(|state| &state.scope.meetings);
    let found: Option<&Meeting> = if cohort {
        workflow
            .cohort
            .scope
            .meetings
            .iter()
            .find(|meeting| *meeting.name == *name)
    } else {
        all.find(|meeting| *meeting.name == *name)
    };
    found.map_or_else(|| name.to_owned(), |meeting| meeting.title.clone())
}

/// The titles of facts that are waited for.
#[must_use]
pub fn facts_words(workflow: &Workflow, facts: &[FactRef]) -> String {
    facts
        .iter()
        .map(|fact| fact_title(workflow, fact))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A guard in words.
#[must_use]
pub fn guard_words(workflow: &Workflow, guard: &Guard) -> String {
    let tests: Vec<String> = guard
        .0
        .iter()
        .map(|test| test_words(workflow, test))
        .collect();
    tests.join(" og ")
}

fn test_words(workflow: &Workflow, test: &Test) -> String {
    match test {
        Test::Fact(fact, compare) => {
            let facts = if fact.cohort {
                &workflow.cohort.facts
            } else {
                &workflow.facts
            };
            let kind = facts
                .iter()
                .find(|known| known.name == fact.name)
                .map(|known| &known.kind);
            let show = |value: &Value| kind.map_or_else(String::new, |kind| kind.show(value));
            format!(
                "{} {}",
                fact_title(workflow, fact),
                compare_words(compare, &show)
            )
        }
        Test::Age(compare) => format!("alder {}", compare_words(compare, &whole)),
        Test::FreePlaces(compare) => format!("ledige pladser {}", compare_words(compare, &whole)),
        Test::Any(guards) => {
            let any: Vec<String> = guards
                .iter()
                .map(|guard| guard_words(workflow, guard))
                .collect();
            format!("({})", any.join(" eller "))
        }
    }
}

fn whole(value: &Value) -> String {
    match value {
        Value::Whole(n) => n.to_string(),
        _ => String::new(),
    }
}

fn compare_words(compare: &Compare, show: &dyn Fn(&Value) -> String) -> String {
    let list = |values: &[Value]| values.iter().map(show).collect::<Vec<_>>().join(" eller ");
    match compare {
        Compare::In(values) => format!("er {}", list(values)),
        Compare::Not(values) => format!("er ikke {}", list(values)),
        Compare::Within { least, most } => {
            let least = least
                .as_ref()
                .map(|value| format!("mindst {}", show(value)));
            let most = most.as_ref().map(|value| format!("højst {}", show(value)));
            least
                .into_iter()
                .chain(most)
                .collect::<Vec<_>>()
                .join(" og ")
        }
        Compare::Recorded(true) => "er registreret".into(),
        Compare::Recorded(false) => "er ikke registreret".into(),
    }
}

/// A decision in words.
#[must_use]
pub fn fate_words(workflow: &Workflow, decision: &Decision) -> String {
    let local = |at| workflow.calendar.local(at);
    match &decision.fate {
        Fate::Queued => match decision.early.map(local) {
            None => "sat i udbakken".into(),
            Some(planned) => planned
                .strftime("sat i udbakken før tid; planlagt til %-d.%-m.%Y kl. %-H.%M")
                .to_string(),
        },
        Fate::Done => "udført".into(),
        Fate::Guard => "sprunget over: betingelsen var ikke opfyldt".into(),
        Fate::Missed => "ikke sendt: tidspunktet var passeret".into(),
        Fate::Coalesced(1) => "én ældre udgave blev ikke sendt, kun den nyeste".into(),
        Fate::Coalesced(n) => format!("{n} ældre udgaver blev ikke sendt, kun den nyeste"),
        Fate::New => "ikke sendt: det kom til med en ny version af forløbet".into(),
        Fate::Waiting(facts) => format!("venter på: {}", facts_words(workflow, facts)),
    }
}

/// A local day as people write it.
#[must_use]
pub fn day_words(date: Date) -> String {
    date.strftime("%-d.%-m.%Y").to_string()
}
