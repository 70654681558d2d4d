//! The engine that holds every candidate's course into care work: admins write a workflow in
//! YAML, a state machine per candidate follows it, and templated mails leave on the right workday.
//!
//! *Decide purely, derive everything, act at the edge.* Read the rooms in this order:
//! [`calendar`] and [`definition`] say what a workflow means, [`engine`] decides, [`message`]
//! renders, [`intake`] reads what comes back; [`store`] keeps, [`channel`] sends, [`fetch`] gets what comes
//! back, and [`runner`] is the only one that sees them all. [`picture`] draws what it is given, [`config`] is
//! what an installation decides, [`cli`] what a person types, [`access`] who may do what, [`seal`] what the database keeps to itself, [`web`] what a
//! browser opens.

pub mod calendar;
pub mod definition;
pub mod engine;
pub mod intake;
pub mod message;

pub mod access;
pub mod seal;

#[cfg(any(feature = "oidc", feature = "otel"))]
mod ask;
pub mod channel;
pub mod clock;
pub mod fetch;
#[cfg(feature = "oidc")]
pub mod oidc;
pub mod store;
pub mod traces;

pub mod lsp;
pub mod runner;

pub mod changes;
pub mod picture;

mod mutant;

pub mod cli;
pub mod config;
pub mod web;
