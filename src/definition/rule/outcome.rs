//! What a guard can come to, decided by trying all values that make a difference: the choices of a
//! fact, yes and no, the grades, and of numbers and dates the regions that the guard's own
//! thresholds cut; each also unrecorded.

use std::cmp::Ordering;

use super::Ground;
use crate::definition::model::{Compare, FactRef, Guard, Test, Then};
use crate::definition::value::{FactKind, GRADES, Value};

/// More combinations than this are not tried: what they would show counts as possible.
const TRIED_MAX: usize = 4_096;

/// Something a guard asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    Fact(FactRef),
    Age,
    FreePlaces,
}

/// What a guard comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    True,
    False,
    Unknown,
}

/// What is asked, each with the values that make a difference; `None` is "not recorded".
pub(super) struct Domain {
    asked: Vec<Asked>,
    values: Vec<Vec<Option<Value>>>,
}

/// One combination of values.
pub(super) struct Known<'d> {
    domain: &'d Domain,
    at: &'d [usize],
}

impl Known<'_> {
    /// The value of something asked; `None` while it is not recorded.
    pub(super) fn get(&self, asked: &Asked) -> Option<&Value> {
        let place = self.domain.asked.iter().position(|other| other == asked)?;
        self.domain.values[place][self.at[place]].as_ref()
    }

    /// The facts that are not recorded.
    pub(super) fn missing(&self) -> impl Iterator<Item = &FactRef> {
        let unrecorded = self
            .domain
            .asked
            .iter()
            .enumerate()
            .filter(|(place, _)| self.domain.values[*place][self.at[*place]].is_none());
        unrecorded.filter_map(|(_, asked)| match asked {
            Asked::Fact(fact) => Some(fact),
            Asked::Age | Asked::FreePlaces => None,
        })
    }

    pub(super) fn truth(&self, guard: &Guard) -> Truth {
        all(guard.0.iter().map(|test| self.test(test)))
    }

    fn test(&self, test: &Test) -> Truth {
        match test {
            Test::Fact(fact, compare) => {
                // A fact is cloned to be looked up, which is a reference count.
                self.compare(&Asked::Fact(fact.clone()), compare)
            }
            Test::Age(compare) => self.compare(&Asked::Age, compare),
            Test::FreePlaces(compare) => self.compare(&Asked::FreePlaces, compare),
            Test::Any(guards) => {
                let mut found = Truth::False;
                for guard in guards {
                    match self.truth(guard) {
                        Truth::True => return Truth::True,
                        Truth::Unknown => found = Truth::Unknown,
                        Truth::False => {}
                    }
                }
                found
            }
        }
    }

    fn compare(&self, asked: &Asked, compare: &Compare) -> Truth {
        let value = self.get(asked);
        let holds = match (compare, value) {
            (Compare::Recorded(wanted), value) => value.is_some() == *wanted,
            (_, None) => return Truth::Unknown,
            (Compare::In(values), Some(value)) => values.contains(value),
            (Compare::Not(values), Some(value)) => !values.contains(value),
            (Compare::Within { least, most }, Some(value)) => {
                let order = |bound: &Value| value.compare(bound);
                let low = least
                    .as_ref()
                    .is_none_or(|bound| order(bound) != Some(Ordering::Less));
                let high = most
                    .as_ref()
                    .is_none_or(|bound| order(bound) != Some(Ordering::Greater));
                low && high
            }
        };
        if holds { Truth::True } else { Truth::False }
    }

    /// Which branch is taken, the last being `else`; `None` when the case waits.
    pub(super) fn taken(&self, then: &Then) -> Option<usize> {
        let Then::Branches { branches, .. } = then else {
            return Some(0);
        };
        for (at, (guard, _)) in branches.iter().enumerate() {
            match self.truth(guard) {
                Truth::True => return Some(at),
                Truth::False => {}
                Truth::Unknown => return None,
            }
        }
        Some(branches.len())
    }
}

/// All must hold: one that does not decides, and one that is unknown keeps the answer open.
fn all(truths: impl Iterator<Item = Truth>) -> Truth {
    let mut found = Truth::True;
    for truth in truths {
        match truth {
            Truth::False => return Truth::False,
            Truth::Unknown => found = Truth::Unknown,
            Truth::True => {}
        }
    }
    found
}

impl Domain {
    /// What these guards ask for.
    pub(super) fn of<'g>(ground: &Ground, guards: impl IntoIterator<Item = &'g Guard>) -> Self {
        let mut compared: Vec<(Asked, Vec<&Value>)> = Vec::new();
        for guard in guards {
            collect(guard, &mut compared);
        }
        let values = compared
            .iter()
            .map(|(asked, marks)| values(ground, asked, marks));
        Self {
            values: values.collect(),
            asked: compared.into_iter().map(|(asked, _)| asked).collect(),
        }
    }

    /// These facts are recorded before anything is decided.
    pub(super) fn recorded(&mut self, facts: &[FactRef]) {
        for (asked, values) in self.asked.iter().zip(&mut self.values) {
            if matches!(asked, Asked::Fact(fact) if facts.contains(fact)) {
                values.retain(Option::is_some);
            }
        }
    }

    /// Whether it asks for the hold's places, which change as cases move.
    pub(super) fn asks_places(&self) -> bool {
        self.asked.contains(&Asked::FreePlaces)
    }

    /// Whether it asks for this.
    pub(super) fn asks(&self, asked: &Asked) -> bool {
        self.asked.contains(asked)
    }

    /// How many combinations there are; `None` when they are too many to be tried.
    pub(super) fn combinations(&self) -> Option<usize> {
        self.values.iter().try_fold(1_usize, |product, values| {
            let product = product.checked_mul(values.len());
            product.filter(|product| *product <= TRIED_MAX)
        })
    }

    /// Tries all combinations, until one satisfies; `None` when they are too many to be tried.
    pub(super) fn any(&self, mut satisfies: impl FnMut(&Known) -> bool) -> Option<bool> {
        let tried = self.combinations()?;
        let mut at = vec![0; self.values.len()];
        for _ in 0..tried {
            if satisfies(&Known {
                domain: self,
                at: &at,
            }) {
                return Some(true);
            }
            for (place, values) in at.iter_mut().zip(&self.values) {
                *place += 1;
                if *place < values.len() {
                    break;
                }
                *place = 0;
            }
        }
        Some(false)
    }
}

fn collect<'g>(guard: &'g Guard, compared: &mut Vec<(Asked, Vec<&'g Value>)>) {
    for test in &guard.0 {
        let (asked, compare) = match test {
            Test::Fact(fact, compare) => (Asked::Fact(fact.clone()), compare),
            Test::Age(compare) => (Asked::Age, compare),
            Test::FreePlaces(compare) => (Asked::FreePlaces, compare),
            Test::Any(guards) => {
                for guard in guards {
                    collect(guard, compared);
                }
                continue;
            }
        };
        let marks: Vec<&Value> = match compare {
            Compare::In(values) | Compare::Not(values) => values.iter().collect(),
            Compare::Within { least, most } => least.iter().chain(most).collect(),
            Compare::Recorded(_) => Vec::new(),
        };
        match compared.iter_mut().find(|(other, _)| *other == asked) {
            Some((_, known)) => known.extend(marks),
            None => compared.push((asked, marks)),
        }
    }
}

fn values(ground: &Ground, asked: &Asked, marks: &[&Value]) -> Vec<Option<Value>> {
    let places = ground.cohort.places.map_or(i64::MAX, i64::from);
    match asked {
        Asked::Fact(fact) => {
            let facts = if fact.cohort {
                &ground.cohort.facts[..]
            } else {
                ground.facts
            };
            let kind = facts.iter().find(|known| known.name == fact.name);
            let mut values = kind.map_or_else(Vec::new, |known| of_kind(&known.kind, marks));
            values.push(None);
            values
        }
        Asked::Age => {
            let ages = regions(marks, &|value| within(value, 0, 130));
            ages.into_iter().map(Some).chain([None]).collect()
        }
        Asked::FreePlaces => {
            let free = regions(marks, &|value| within(value, 0, places));
            free.into_iter().map(Some).collect()
        }
    }
}

fn within(value: &Value, least: i64, most: i64) -> bool {
    matches!(value, Value::Whole(n) if (least..=most).contains(n))
}

fn of_kind(kind: &FactKind, marks: &[&Value]) -> Vec<Option<Value>> {
    let values: Vec<Value> = match kind {
        FactKind::OneOf(choices) => {
            let keys = choices.iter().map(|(key, _)| Value::Choice(key.clone()));
            keys.collect()
        }
        FactKind::YesNo => vec![Value::YesNo(true), Value::YesNo(false)],
        FactKind::Grade => (0..GRADES.len())
            .filter_map(|at| u8::try_from(at).ok().map(Value::Grade))
            .collect(),
        FactKind::Text { .. } => vec![Value::Written],
        FactKind::WholeNumber | FactKind::Decimal | FactKind::Date => {
            let regions = regions(marks, &|_| true);
            if regions.is_empty() {
                vec![any_of(kind)]
            } else {
                regions
            }
        }
    };
    values.into_iter().map(Some).collect()
}

/// A value of a kind that no threshold cuts.
fn any_of(kind: &FactKind) -> Value {
    match kind {
        FactKind::Decimal => Value::Decimal(0),
        FactKind::Date => Value::Date(jiff::civil::Date::ZERO),
        _ => Value::Whole(0),
    }
}

/// Each threshold with its neighbours: one value of every region between the thresholds.
fn regions(marks: &[&Value], may_be: &dyn Fn(&Value) -> bool) -> Vec<Value> {
    let near = |value: &Value| -> Vec<Value> {
        match value {
            Value::Whole(n) => [-1, 0, 1]
                .map(|by| Value::Whole(n.saturating_add(by)))
                .into(),
            Value::Decimal(n) => [-1, 0, 1]
                .map(|by| Value::Decimal(n.saturating_add(by)))
                .into(),
            Value::Date(day) => {
                let beside = [day.yesterday().ok(), Some(*day), day.tomorrow().ok()];
                beside.into_iter().flatten().map(Value::Date).collect()
            }
            other => vec![other.clone()],
        }
    };
    let mut all: Vec<Value> = marks
        .iter()
        .flat_map(|mark| near(mark))
        .filter(may_be)
        .collect();
    all.sort();
    all.dedup();
    all
}

/// A fact as it is written in the file.
pub(super) fn written(fact: &FactRef) -> String {
    let side = if fact.cohort { "cohort." } else { "" };
    format!("{side}{}", fact.name)
}

/// Facts as they are written, in quotes.
pub(super) fn listed(facts: &[&FactRef]) -> String {
    let words: Vec<String> = facts
        .iter()
        .map(|fact| format!("\"{}\"", written(fact)))
        .collect();
    words.join(", ")
}
