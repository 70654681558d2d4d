//! Guards: true, false, or unknown because a fact is not recorded.

use std::cmp::Ordering;

use jiff::civil::Date;

use super::frame::Frame;
use crate::definition::model::{Compare, FactRef, Guard, Name, Need, Test};
use crate::definition::value::Value;

/// What a guard comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// These facts would have to be known.
    Unknown(Vec<FactRef>),
}

/// The fact name under which a missing day of birth is reported.
pub const AGE: &str = "age";
/// The fact name under which a full hold is reported.
pub const FREE_PLACES: &str = "free_places";
/// The fact name under which a missing later hold is reported.
pub const NEXT_COHORT: &str = "next_cohort";

/// A pseudo-fact of the hold that a case may wait for.
#[must_use]
pub fn of_hold(name: &str) -> FactRef {
    FactRef {
        cohort: true,
        name: name.into(),
    }
}

/// On which local day a guard is tried.
#[derive(Clone, Copy)]
enum Trial {
    /// Today, to decide.
    Now(Date),
    /// A day to come, to foresee.
    Ahead(Date),
}

impl Trial {
    fn day(self) -> Date {
        let (Self::Now(day) | Self::Ahead(day)) = self;
        day
    }

    fn is_ahead(self) -> bool {
        matches!(self, Self::Ahead(_))
    }
}

impl Frame<'_> {
    /// Tries a guard on a local day. An empty guard holds.
    #[must_use]
    pub fn truth(&self, guard: &Guard, today: Date) -> Truth {
        self.all(guard, Trial::Now(today))
    }

    /// What a guard comes to on a day ahead, by what is recorded now. A fact that is not recorded
    /// may be by then, and places come and go.
    #[must_use]
    pub fn foreseen(&self, guard: &Guard, day: Date) -> Truth {
        self.all(guard, Trial::Ahead(day))
    }

    fn all(&self, guard: &Guard, trial: Trial) -> Truth {
        let mut missing = Vec::new();
        for test in &guard.0 {
            match self.test(test, trial) {
                Truth::True => {}
                Truth::False => return Truth::False,
                Truth::Unknown(facts) => missing.extend(facts),
            }
        }
        if missing.is_empty() {
            Truth::True
        } else {
            Truth::Unknown(missing)
        }
    }

    fn test(&self, test: &Test, trial: Trial) -> Truth {
        match test {
            Test::Fact(fact, Compare::Recorded(wanted)) => match self.fact(fact) {
                None if trial.is_ahead() => Truth::Unknown(vec![fact.clone()]),
                known => truth(known.is_some() == *wanted),
            },
            Test::Fact(fact, compare) => match self.fact(fact) {
                Some(value) => truth(holds(compare, value)),
                None => Truth::Unknown(vec![fact.clone()]),
            },
            Test::Age(compare) => match self.view.born {
                Some(born) => truth(holds(compare, &Value::Whole(age(born, trial.day())))),
                None => Truth::Unknown(vec![FactRef {
                    cohort: false,
                    name: AGE.into(),
                }]),
            },
            Test::FreePlaces(_) if trial.is_ahead() => Truth::Unknown(vec![of_hold(FREE_PLACES)]),
            Test::FreePlaces(compare) => {
                let free = self.view.free_places.map_or(i64::MAX, i64::from);
                truth(holds(compare, &Value::Whole(free)))
            }
            Test::Any(guards) => self.any(guards, trial),
        }
    }

    fn any(&self, guards: &[Guard], trial: Trial) -> Truth {
        let mut missing = Vec::new();
        for guard in guards {
            match self.all(guard, trial) {
                Truth::True => return Truth::True,
                Truth::False => {}
                Truth::Unknown(facts) => missing.extend(facts),
            }
        }
        if missing.is_empty() {
            Truth::False
        } else {
            Truth::Unknown(missing)
        }
    }

    /// Which of these are not known yet.
    #[must_use]
    pub fn unmet(&self, needs: &[Need]) -> Vec<FactRef> {
        needs
            .iter()
            .filter_map(|need| match need {
                Need::Fact(fact) => self.fact(fact).is_none().then(|| fact.clone()),
                Need::Meeting { cohort, name } => {
                    let absent = self.booking(*cohort, name).is_none();
                    absent.then(|| FactRef {
                        cohort: *cohort,
                        name: name.clone(),
                    })
                }
            })
            .collect()
    }

    /// Whether something that was waited for can go on: one of the missing things is known now. A hold
    /// that is over has nothing to offer, nor leads to another.
    #[must_use]
    pub fn any_known(&self, missing: &[FactRef]) -> bool {
        let over = self.hold().is_some_and(|hold| hold.ended.is_some());
        missing.iter().any(|fact| match (&*fact.name, fact.cohort) {
            (AGE, false) if self.view.born.is_some() => true,
            (FREE_PLACES | NEXT_COHORT, true) if over => false,
            (FREE_PLACES, true) => self.view.free_places.is_none_or(|free| free > 0),
            (NEXT_COHORT, true) => self.view.next_cohort.is_some(),
            _ => self.fact(fact).is_some() || self.booking(fact.cohort, &fact.name).is_some(),
        })
    }
}

/// The names of facts as an author writes them.
#[must_use]
pub fn names(facts: &[FactRef]) -> String {
    let written = |fact: &FactRef| -> Name {
        if fact.cohort {
            format!("cohort.{}", fact.name).into()
        } else {
            fact.name.clone()
        }
    };
    facts.iter().map(written).collect::<Vec<_>>().join(", ")
}

/// Whole years lived on a day.
#[must_use]
pub fn age(born: Date, today: Date) -> i64 {
    let years = i64::from(today.year()) - i64::from(born.year());
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    if had_birthday { years } else { years - 1 }
}

fn truth(holds: bool) -> Truth {
    if holds { Truth::True } else { Truth::False }
}

/// Whether a value passes a test.
#[must_use]
pub fn holds(compare: &Compare, value: &Value) -> bool {
    match compare {
        Compare::In(values) => values.contains(value),
        Compare::Not(values) => !values.contains(value),
        Compare::Within { least, most } => {
            let at_least = least.as_ref().is_none_or(|least| {
                matches!(
                    value.compare(least),
                    Some(Ordering::Greater | Ordering::Equal)
                )
            });
            let at_most = most.as_ref().is_none_or(|most| {
                matches!(value.compare(most), Some(Ordering::Less | Ordering::Equal))
            });
            at_least && at_most
        }
        Compare::Recorded(wanted) => *wanted,
    }
}
