//! The pure core: [`step`] turns (definition, case, input, now) into (new case, history, effects);
//! [`plan`](plan::plan) says what will happen and why. No clock, no I/O: `now` and the calendar are
//! arguments.
//!
//! Read in this order: [`subject`] (what a case is), [`event`] (what a history is made of),
//! [`input`] (what comes in), [`effect`] (what goes out), [`plan`], [`step()`].

pub mod anchors;
mod asks;
pub mod days;
pub mod effect;
pub mod event;
mod fold;
pub mod frame;
pub mod guard;
pub mod input;
pub mod pause;
pub mod plan;
pub mod renamed;
mod step;
pub mod subject;
pub mod undo;
pub mod why;

pub use asks::Asks;
pub use step::{
    Hindrance, NewCase, Step, Turn, migrate, open_case, open_cohort, open_workflow, step, unmigrate,
};
