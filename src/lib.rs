//! The engine that holds every candidate's course into care work: admins write a workflow in
//! YAML, a state machine per candidate follows it, and templated mails leave on the right workday.

pub mod channel;
pub mod message;
pub mod calendar;
pub mod definition;
