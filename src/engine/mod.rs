//! The pure core: [`step`] turns (definition, case, input, now) into (new case, history, effects);
//! [`plan`] says what will happen and why. No clock, no I/O: `now` and the calendar are arguments.

pub mod effect;
pub mod event;
pub mod input;
pub mod subject;
