//! `praktik-too-long` and `voksenlaerling-age`: what the law allows, from a dated table. The law
//! changes; a new row is added with its date and the older one stays.
//!
//! A state is praktik when its title says so ("Virksomhedspraktik", "Afsluttende praktik"), unless it
//! says as well that the candidate is employed ("Praktik (ansat)"), since the limits are those of
//! offers to the unemployed. Who is job-ready is read from the choices of a fact in the same way.

use super::Ground;
use super::length::of_length;
use super::machine::{Machine, Way};
use super::outcome::{Asked, Domain, Truth};
use crate::definition::keyword::Home;
use crate::definition::model::{FactRef, Goal, Guard, StateId, Stay, Then};
use crate::definition::value::{FactKind, Value};

/// A length that praktik may have, and for whom.
struct Praktik {
    /// Where it is written, and since when it is in force.
    law: &'static str,
    since: &'static str,
    /// For those who are ready for a job.
    ready_weeks: i64,
    /// For everybody else, before an extension that is decided for each.
    other_weeks: i64,
}

/// By date; the last row is the law.
const PRAKTIK: [Praktik; 1] = [Praktik {
    law: "lov om en aktiv beskæftigelsesindsats § 61",
    since: "2020-01-01",
    ready_weeks: 4,
    other_weeks: 13,
}];

/// From which age an employer gets the subsidy for a grown-up apprentice.
struct Apprentice {
    law: &'static str,
    since: &'static str,
    age_min: i64,
}

/// By date; the last row is the law.
const APPRENTICE: [Apprentice; 1] = [Apprentice {
    law: "lov om en aktiv beskæftigelsesindsats § 155",
    since: "2020-01-01",
    age_min: 25,
}];

/// What titles say, in small letters.
const IS_PRAKTIK: &str = "praktik";
const IS_EMPLOYED: [&str; 4] = ["ansat", "elev", "lærling", "oplæring"];
/// Choices of a fact that stand for people who are ready for a job.
const IS_READY: [&str; 2] = ["jobparat", "dagpenge"];
const IS_APPRENTICE: [&str; 2] = ["voksenlærling", "voksenlaerling"];

/// Reports both.
pub(super) fn check(ground: &Ground, machine: &Machine) {
    for id in ground.all() {
        praktik(ground, machine, id);
        apprentice(ground, id);
    }
}

fn says(words: &str, all: &[&str]) -> bool {
    let words = words.to_lowercase();
    all.iter().any(|word| words.contains(word))
}

fn praktik(ground: &Ground, machine: &Machine, id: StateId) {
    let state = ground.state(id);
    let Stay::Lasts(length) = &state.stay else {
        return;
    };
    if !says(&state.title, &[IS_PRAKTIK]) || says(&state.title, &IS_EMPLOYED) {
        return;
    }
    let [.., law] = &PRAKTIK;
    // A month is a month in a file, and 28 days at the least.
    let (days, _) = of_length(*length);
    let (weeks, whom) = match days {
        days if days > 7 * law.other_weeks => (law.other_weeks, ""),
        days if days > 7 * law.ready_weeks && comes_ready(ground, machine, id) => {
            (law.ready_weeks, " for those who are ready for a job")
        }
        _ => return,
    };
    let message = format!(
        "praktik of {length} is longer than the {weeks} weeks there are{whom} ({}, since {})",
        law.law, law.since
    );
    let help = if whom.is_empty() {
        "is it extended for each candidate? Then say so with an \"allow\"; employed, the title says \"ansat\"".to_owned()
    } else {
        format!(
            "others have {} weeks: let a guard on the way here tell them apart, or shorten it",
            law.other_weeks
        )
    };
    ground.report(
        "praktik-too-long",
        &written_length(ground, id),
        &message,
        &help,
    );
}

/// Where a state's length is written: of a setting, in the setting.
fn written_length(ground: &Ground, id: StateId) -> std::ops::Range<usize> {
    let node = ground.node(Home::Case(id), &["lasts"]);
    let setting = node.and_then(|node| node.text()?.strip_prefix("settings."));
    let length =
        setting.and_then(|name| ground.node(Home::Workflow, &["settings", name, "length"]));
    length.map_or_else(
        || ground.span(Home::Case(id), &["lasts"]),
        |node| node.span.clone(),
    )
}

/// Whether someone who is ready for a job can come to a state: no way there tells them apart.
fn comes_ready(ground: &Ground, machine: &Machine, id: StateId) -> bool {
    let inside = |atomic: StateId| ground.upwards(atomic).any(|outer| outer == id);
    let ready = ready(ground);
    if ready.is_empty() || inside(machine.start()) {
        return true;
    }
    let mut ways = machine
        .atomic()
        .filter(|from| !inside(*from))
        .flat_map(|from| machine.ways(from));
    ways.any(|way| {
        way.possible
            && inside(way.to)
            && matches!(way.goal, Goal::State(_))
            && lets_in(ground, way, &ready)
    })
}

/// The values of facts that say so.
fn ready(ground: &Ground) -> Vec<(FactRef, Value)> {
    choices(ground, &IS_READY)
}

fn choices(ground: &Ground, words: &[&str]) -> Vec<(FactRef, Value)> {
    let mut found = Vec::new();
    for fact in ground.facts {
        let FactKind::OneOf(choices) = &fact.kind else {
            continue;
        };
        let named = choices
            .iter()
            .filter(|(key, title)| says(key, words) || says(title, words));
        let fact = FactRef {
            cohort: false,
            name: fact.name.clone(),
        };
        found.extend(named.map(|(key, _)| (fact.clone(), Value::Choice(key.clone()))));
    }
    found
}

/// Whether one of these values goes this way. Where it is not asked for, it does.
fn lets_in(ground: &Ground, way: &Way, values: &[(FactRef, Value)]) -> bool {
    let branches = match way.then {
        Then::Branches { branches, .. } => branches.as_slice(),
        Then::To(_) => &[],
    };
    let guard = way.event.map(|event| &event.guard);
    let domain = Domain::of(
        ground,
        guard
            .into_iter()
            .chain(branches.iter().map(|(guard, _)| guard)),
    );
    let found = domain.any(|known| {
        let is_one = |(fact, value): &(FactRef, Value)| {
            let asked = Asked::Fact(fact.clone());
            !domain.asks(&asked) || known.get(&asked) == Some(value)
        };
        values.iter().any(is_one)
            && guard.is_none_or(|guard| known.truth(guard) == Truth::True)
            && known.taken(way.then) == Some(way.branch)
    });
    found != Some(false)
}

/// A guard that asks both for an apprenticeship of grown-ups and for an age lets nobody younger in.
fn apprentice(ground: &Ground, id: StateId) {
    let values = choices(ground, &IS_APPRENTICE);
    let state = ground.state(id);
    for event in &state.scope.events {
        let trigger = event.trigger.to_string();
        too_young(
            ground,
            id,
            &["events", &trigger, "if"],
            &event.guard,
            &values,
        );
        guards_of(
            ground,
            id,
            &["events", &trigger, "then"],
            event.then.as_ref(),
            &values,
        );
    }
    guards_of(ground, id, &["then"], state.then.as_ref(), &values);
}

fn guards_of(
    ground: &Ground,
    id: StateId,
    path: &[&str],
    then: Option<&Then>,
    values: &[(FactRef, Value)],
) {
    let Some(Then::Branches { branches, .. }) = then else {
        return;
    };
    for (at, (guard, _)) in branches.iter().enumerate() {
        let number = at.to_string();
        let path: Vec<&str> = path
            .iter()
            .copied()
            .chain([number.as_str(), "if"])
            .collect();
        too_young(ground, id, &path, guard, values);
    }
}

fn too_young(
    ground: &Ground,
    id: StateId,
    path: &[&str],
    guard: &Guard,
    values: &[(FactRef, Value)],
) {
    let [.., law] = &APPRENTICE;
    let domain = Domain::of(ground, [guard]);
    let young =
        |value: Option<&Value>| matches!(value, Some(Value::Whole(age)) if *age < law.age_min);
    let asks = domain.asks(&Asked::Age)
        && domain.any(|known| {
            let is_one = |(fact, value): &(FactRef, Value)| {
                known.get(&Asked::Fact(fact.clone())) == Some(value)
            };
            young(known.get(&Asked::Age))
                && values.iter().any(is_one)
                && known.truth(guard) == Truth::True
        }) == Some(true);
    if asks {
        let message = format!(
            "a voksenlærling is at least {} ({}, since {}), and this lets in younger ones",
            law.age_min, law.law, law.since
        );
        let help = format!("write \"age: {{at_least: {}}}\"", law.age_min);
        ground.report(
            "voksenlaerling-age",
            &ground.span(Home::Case(id), path),
            &message,
            &help,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_the_order_of_their_dates() {
        let dates: [Vec<&str>; 2] = [
            PRAKTIK.iter().map(|row| row.since).collect(),
            APPRENTICE.iter().map(|row| row.since).collect(),
        ];
        for dates in dates {
            let parsed: Vec<jiff::civil::Date> = dates
                .iter()
                .map(|date| date.parse().expect("a date"))
                .collect();
            assert!(parsed.is_sorted(), "{dates:?}");
        }
    }
}
