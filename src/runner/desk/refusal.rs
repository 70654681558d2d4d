//! Why an input was not taken, in Danish, and what to do.

use super::words::{event_title, fact_title, meeting_title, role_words, state_title, task_title};
use crate::calendar::{date_da, time_da};
use crate::definition::model::{Per, Workflow};
use crate::engine::input::{NotEarly, Refusal};
use crate::engine::subject::Kind;
use crate::engine::undo::NotUndone;
use crate::engine::why::{day_words, keeps_words};

/// Why the engine does not take an input, and what to do.
pub(in crate::runner) fn refusal_words(
    workflow: &Workflow,
    kind: Kind,
    refusal: &Refusal,
) -> String {
    match refusal {
        Refusal::NotHere { event, state, .. } => {
            format!("»{event}« er ikke muligt i »{}«.", state_title(workflow, state))
        }
        Refusal::Ended { day } => format!("Forløbet sluttede {}; der kan ikke ske mere i det.", day_words(*day)),
        Refusal::HoldCancelled { day } => {
            format!("Holdet blev aflyst {}; der kan ikke ske mere på det.", day_words(*day))
        }
        Refusal::SameDay { event, at } => {
            let title = event_title(workflow, event);
            format!(
                "»{title}« er allerede noteret den dag {}. Er det den samme, er der ikke mere at gøre.",
                time_da(at.time())
            )
        }
        Refusal::UnderWay => "Forløbet er i gang.".to_owned(),
        Refusal::Kept { why } => format!("Sagen kan ikke slettes: {}.", keeps_words(*why)),
        Refusal::OnlyCase { .. } => "Det kan kun gøres med en kandidat.".to_owned(),
        Refusal::OnlyHold { .. } => "Det kan kun gøres med et hold.".to_owned(),
        Refusal::NoSuchDate { date } => format!("Holdet har ingen dato »{date}«."),
        Refusal::WrongWeekday { date, day, .. } => {
            format!("»{date}« kan ikke være {}: det er en anden ugedag end holdets.", date_da(*day))
        }
        Refusal::PauseBackwards { first, last } => {
            format!("En pause fra {} kan ikke slutte {}.", date_da(*first), date_da(*last))
        }
        Refusal::PauseThere { first, last } => {
            format!("Der er allerede en pause fra {} til og med {}.", date_da(*first), date_da(*last))
        }
        Refusal::NotUndone(NotUndone::OnlyTime) => {
            "Der er intet at fortryde: ingen har ført kandidaten videre; kun tiden har. Flyt datoerne i stedet.".to_owned()
        }
        Refusal::NotUndone(NotUndone::Migrated) => {
            "Det kan ikke fortrydes: holdet er skiftet til en anden version siden.".to_owned()
        }
        Refusal::NotUndone(NotUndone::Over) => {
            "Det kan ikke fortrydes: sagen er gået videre til et andet hold, taget ud eller anonymiseret.".to_owned()
        }
        Refusal::NoSuchPause { first } => format!("Ingen pause begynder {}.", date_da(*first)),
        Refusal::NotAgain { .. } => {
            "Mailen kan ikke sendes igen herfra: den hører til en tilstand, som er forladt, eller den kommer igen af sig selv.".to_owned()
        }
        Refusal::NotEarly { why, .. } => early_words(workflow, why),
        Refusal::NotAllowed { role, allowed } => {
            let allowed: Vec<String> = allowed.split(", ").map(|role| role_words(workflow, role)).collect();
            format!("Rollen {} må ikke gøre det. Det må {}.", role_words(workflow, role), allowed.join(", "))
        }
        Refusal::NeedsFacts { facts } => needs_words(workflow, facts, false),
        Refusal::GuardFalse { condition } => format!("Betingelsen er ikke opfyldt: {condition}."),
        Refusal::HoldFull { places } => format!("Holdet er fyldt: alle {places} pladser er taget."),
        Refusal::NoNextCohort => {
            "Der er endnu ikke et senere hold at flytte til. Opret det, og prøv igen.".to_owned()
        }
        Refusal::TaskNotOpen { task } => format!("Opgaven »{}« er ikke åben.", task_title(workflow, kind, task)),
        Refusal::TaskNotOptional { task } => format!(
            "Opgaven »{}« skal løses: den er hverken frivillig eller tilbagevendende.",
            task_title(workflow, kind, task)
        ),
        Refusal::NotCleared { task, states, left } => {
            let states: Vec<String> = states.split(", ").map(|state| state_title(workflow, state)).collect();
            let title = task_title(workflow, kind, task);
            format!("»{title}« er løst, når ingen længere er i »{}«; der er {left} tilbage.", states.join("«, »"))
        }
        Refusal::NotBookable { meeting, .. } => {
            format!("Mødet »{}« kan ikke bookes på det tidspunkt.", meeting_title(workflow, kind, meeting))
        }
        Refusal::NotBooked { meeting } => {
            format!("Mødet »{}« er ikke booket.", meeting_title(workflow, kind, meeting))
        }
        Refusal::NoSuchFact { fact } => format!("Der er ingen oplysning »{fact}« her."),
        Refusal::NoSuchRole { role, .. } => format!("Rollen »{role}« hører ikke til her."),
        Refusal::NoRest { .. } => {
            "Forløbet kommer ikke til ro: det ene skridt følger af det andet uden ende. Ret workflow-filen.".to_owned()
        }
    }
}

/// Why a mail does not leave before its time.
fn early_words(workflow: &Workflow, why: &NotEarly) -> String {
    match why {
        NotEarly::Decided => {
            "Der er allerede taget stilling til mailen: den er i udbakken, eller den blev sprunget over.".to_owned()
        }
        NotEarly::Unplanned => "Mailen er ikke planlagt, som det ser ud nu.".to_owned(),
        NotEarly::Elsewhere { state } => format!(
            "Mailen hører til »{}«, og der er kandidaten ikke nu.",
            state_title(workflow, state)
        ),
        NotEarly::Recurs => {
            "Mailen kommer igen og igen og fortæller hver gang, hvad der er nyt: den går til sin tid.".to_owned()
        }
        NotEarly::Gathered => "Mailen samles med andre og skrives først, når de sendes.".to_owned(),
        NotEarly::Follows => {
            "Mailen følger af en opgave eller et møde og siger, hvordan det står til med det til sin tid.".to_owned()
        }
        NotEarly::Guard { condition } => {
            format!("Mailens betingelse er ikke opfyldt nu: {condition}.")
        }
        NotEarly::Needs { facts } => format!("Mailen venter på: {facts}."),
        NotEarly::Passed => "Det, mailen skulle komme før, er begyndt.".to_owned(),
    }
}

/// The same for whoever types commands, with the options that may lead on.
pub(super) fn command_words(workflow: &Workflow, kind: Kind, refusal: &Refusal) -> String {
    let words = refusal_words(workflow, kind, refusal);
    match refusal {
        Refusal::SameDay { .. } => format!("{words} Er det en ny, så giv --another."),
        Refusal::GuardFalse { .. } => {
            format!("{words} Kan der gøres en begrundet undtagelse, så giv --override-reason.")
        }
        Refusal::NeedsFacts { facts } => needs_words(workflow, facts, true),
        _ => words,
    }
}

/// What is needed; for a command a fact is given with `--set`, a role with `--assign`.
fn needs_words(workflow: &Workflow, needed: &str, is_typed: bool) -> String {
    let one = |name: &str| {
        let plain = name.strip_prefix("cohort.").unwrap_or(name);
        let kind = if plain == name {
            Kind::Case
        } else {
            Kind::Cohort
        };
        let is_role = workflow
            .roles
            .iter()
            .any(|role| *role.name == *name && role.per == Per::Candidate);
        let title = fact_title(workflow, kind, plain);
        match (is_role, kind, is_typed) {
            (true, _, false) => role_words(workflow, name),
            (true, _, true) => format!("{} (--assign {name}=E-MAIL)", role_words(workflow, name)),
            (false, Kind::Cohort, false) => format!("{title} (noteres på holdet)"),
            (false, Kind::Cohort, true) => format!("{title} ({name}, noteres på holdet)"),
            (false, _, false) => title,
            (false, _, true) => format!("{title} (--set {name}=VÆRDI)"),
        }
    };
    format!(
        "Der mangler: {}.",
        needed.split(", ").map(one).collect::<Vec<_>>().join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::plan::Keeps;
    use jiff::civil::date;

    /// One of each, and none is forgotten: whoever adds one is told here.
    fn every() -> Vec<Refusal> {
        let name = || "x".to_owned();
        let day = date(2026, 2, 2);
        let early = |why| Refusal::NotEarly {
            occurrence: "message.x@here#1.1".to_owned(),
            why,
        };
        let all = vec![
            Refusal::NotHere {
                event: name(),
                state: name(),
                possible: name(),
            },
            Refusal::Ended { day },
            Refusal::NotAllowed {
                role: name(),
                allowed: name(),
            },
            Refusal::NeedsFacts {
                facts: "x, cohort.x, helper".to_owned(),
            },
            Refusal::GuardFalse { condition: name() },
            Refusal::HoldFull { places: 2 },
            Refusal::NoNextCohort,
            Refusal::TaskNotOpen { task: name() },
            Refusal::TaskNotOptional { task: name() },
            Refusal::NotCleared {
                task: name(),
                states: name(),
                left: 1,
            },
            Refusal::NotBookable {
                meeting: name(),
                why: name(),
            },
            Refusal::NotBooked { meeting: name() },
            Refusal::NoSuchFact { fact: name() },
            Refusal::NoSuchRole {
                role: name(),
                per: name(),
            },
            Refusal::HoldCancelled { day },
            Refusal::SameDay {
                event: name(),
                at: day.at(9, 0, 0, 0),
            },
            Refusal::UnderWay,
            Refusal::Kept { why: Keeps::Legal },
            Refusal::OnlyCase { what: "x" },
            Refusal::OnlyHold { what: "x" },
            Refusal::NoSuchDate { date: name() },
            Refusal::WrongWeekday {
                date: name(),
                day,
                weekday: name(),
            },
            Refusal::PauseBackwards {
                first: day,
                last: day,
            },
            Refusal::PauseThere {
                first: day,
                last: day,
            },
            Refusal::NoSuchPause { first: day },
            Refusal::NotUndone(NotUndone::OnlyTime),
            Refusal::NotUndone(NotUndone::Migrated),
            Refusal::NotUndone(NotUndone::Over),
            Refusal::NotAgain {
                occurrence: name(),
                why: "x",
            },
            early(NotEarly::Decided),
            early(NotEarly::Unplanned),
            early(NotEarly::Elsewhere { state: "x".into() }),
            early(NotEarly::Recurs),
            early(NotEarly::Gathered),
            early(NotEarly::Follows),
            early(NotEarly::Guard { condition: name() }),
            early(NotEarly::Needs { facts: name() }),
            early(NotEarly::Passed),
            Refusal::NoRest { limit: 64 },
        ];
        let kinds: std::collections::HashSet<_> = all.iter().map(std::mem::discriminant).collect();
        let source = include_str!("../../engine/input.rs");
        let declared = source
            .split("pub enum ")
            .find(|one| one.starts_with("Refusal {"));
        let declared = declared.map_or(0, |one| one.matches("#[error(").count());
        assert_eq!(kinds.len(), declared, "one of each kind");
        all
    }

    #[test]
    fn only_whoever_types_commands_is_told_of_options() {
        let yaml = "workflow: w\ntitle: W\nlanguage: da\ntime_zone: Europe/Copenhagen\nholidays: DK\nhours: 08:00-16:00\n\
            roles: {helper: {title: Hjælper, per: candidate}}\n\
            cohort: {dates: {start: {title: Start}}}\n\
            candidate: {states: {here: {title: Her, events: {stop: {title: Stop, then: out}}}, out: {title: Ude, final: neutral}}}\n";
        let read = crate::definition::read("w.yaml", yaml);
        let workflow = read
            .workflow
            .unwrap_or_else(|| panic!("{:?}", read.problems));
        let mut led_on = 0;
        for refusal in every() {
            for kind in [Kind::Case, Kind::Cohort] {
                let words = refusal_words(&workflow, kind, &refusal);
                assert!(
                    !words.contains("--") && words.ends_with('.'),
                    "{refusal:?}: {words}"
                );
                led_on += usize::from(command_words(&workflow, kind, &refusal).contains("--"));
            }
        }
        assert_eq!(led_on, 2 * 3, "commands are told what leads on");
    }
}
