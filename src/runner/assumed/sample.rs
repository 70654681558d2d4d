//! Values that lead on: yes, the first choice, a good grade.

use jiff::civil::Date;

use crate::definition::model::{Anchor, Fact, FactRef};
use crate::definition::value::{FactKind, Value};
use crate::engine::frame::Frame;
use crate::engine::input::Given;
use crate::engine::why;

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
    sample_of(
        kind,
        &why::anchor_words(frame.workflow(), &Anchor::Fact(fact.clone())),
        day,
    )
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
