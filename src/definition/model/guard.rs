//! Guards.

use super::FactRef;
use crate::definition::value::Value;

/// A guard: all tests must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guard(pub Vec<Test>);

/// One line of a guard.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// A fact compared.
    Fact(FactRef, Compare),
    /// The candidate's age on the day it is tried, in whole years.
    Age(Compare),
    /// `cohort.free_places`.
    FreePlaces(Compare),
    /// One of these must hold.
    Any(Vec<Guard>),
}

/// How a value is compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Compare {
    /// One of the values.
    In(Vec<Value>),
    /// None of the values.
    Not(Vec<Value>),
    /// At least and at most; both may be given.
    Within {
        /// `at_least`.
        least: Option<Value>,
        /// `at_most`.
        most: Option<Value>,
    },
    /// Recorded or not.
    Recorded(bool),
}
