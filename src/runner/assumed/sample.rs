//! Values that lead on: yes, the first choice, a good grade, a day to come; and others where the
//! event that is expected next asks for them.

use jiff::ToSpan;
use jiff::civil::Date;

use super::expected::expected_event;
use crate::definition::model::{Anchor, Compare, Fact, FactRef, Guard, Test};
use crate::definition::value::{FactKind, Value};
use crate::engine::frame::Frame;
use crate::engine::guard::holds;
use crate::engine::input::Given;
use crate::engine::why;

/// A day that people plan for lies so many weeks ahead of the day they record it.
const WEEKS_AHEAD: i64 = 8;

/// A value for a fact, such as a person would give on a day.
pub(super) fn sample(frame: &Frame<'_>, fact: &FactRef, day: Date) -> Given {
    let facts: &[Fact] = if fact.cohort {
        &frame.workflow().cohort.facts
    } else {
        &frame.workflow().facts
    };
    let kind = facts
        .iter()
        .find(|known| known.name == fact.name)
        .map(|known| &known.kind);
    let ahead = day.saturating_add(WEEKS_AHEAD.weeks());
    let title = why::anchor_words(frame.workflow(), &Anchor::Fact(fact.clone()));
    let usual = sample_of(kind, &title, frame.calendar().workday_on_or_after(ahead));
    match asked_for(frame, fact, kind, &usual.value) {
        Some(value) => Given { value, text: None },
        None => usual,
    }
}

/// What the event that is expected next asks of a fact, where the usual value is not it.
fn asked_for(
    frame: &Frame<'_>,
    fact: &FactRef,
    kind: Option<&FactKind>,
    usual: &Value,
) -> Option<Value> {
    let event = expected_event(frame, frame.state(frame.atomic()?))?;
    let asked = compares(&event.guard, fact);
    let fits = |value: &Value| asked.iter().all(|compare| holds(compare, value));
    if fits(usual) {
        return None;
    }
    let named = asked.iter().flat_map(|compare| named(compare));
    named.chain(others(kind)).find(fits)
}

/// What a guard asks of a fact; of several ways to pass, the first that speaks of it.
fn compares<'g>(guard: &'g Guard, fact: &FactRef) -> Vec<&'g Compare> {
    let of_test = |test: &'g Test| match test {
        Test::Fact(known, compare) if known == fact => vec![compare],
        Test::Any(ways) => {
            let mut ways = ways.iter().map(|way| compares(way, fact));
            ways.find(|asked| !asked.is_empty()).unwrap_or_default()
        }
        Test::Fact(..) | Test::Age(_) | Test::FreePlaces(_) => Vec::new(),
    };
    guard.0.iter().flat_map(of_test).collect()
}

/// The values that a test speaks of.
fn named(compare: &Compare) -> Vec<Value> {
    match compare {
        Compare::In(values) => values.clone(),
        Compare::Within { least, most } => least.iter().chain(most).cloned().collect(),
        Compare::Not(_) | Compare::Recorded(_) => Vec::new(),
    }
}

/// All values of a kind that has few.
fn others(kind: Option<&FactKind>) -> Vec<Value> {
    match kind {
        Some(FactKind::OneOf(choices)) => {
            let keys = choices.iter().map(|(key, _)| key.clone());
            keys.map(Value::Choice).collect()
        }
        Some(FactKind::YesNo) => vec![Value::YesNo(true), Value::YesNo(false)],
        Some(FactKind::Grade) => (0..7).map(Value::Grade).collect(),
        _ => Vec::new(),
    }
}

/// A value of a kind, as a simulation uses it.
#[must_use]
pub fn sample_of(kind: Option<&FactKind>, title: &str, day: Date) -> Given {
    let value = match kind {
        Some(FactKind::OneOf(choices)) => Value::Choice(
            choices
                .first()
                .map(|(key, _)| key.clone())
                .unwrap_or_default(),
        ),
        Some(FactKind::YesNo) | None => Value::YesNo(true),
        Some(FactKind::WholeNumber) => Value::Whole(12),
        Some(FactKind::Decimal) => Value::Decimal(540_000),
        Some(FactKind::Date) => Value::Date(day),
        Some(FactKind::Grade) => Value::Grade(4),
        Some(FactKind::Text { .. }) => {
            return Given {
                value: Value::Written,
                text: Some(format!("[{title}, eksempel]")),
            };
        }
    };
    Given { value, text: None }
}
