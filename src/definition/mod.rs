//! YAML into a checked [`Workflow`](model::Workflow): every problem of a file in one run, each
//! with its place and what to do about it.

pub mod model;
mod problem;
mod report;
mod shape;
pub mod value;
mod yaml;

pub use problem::{Problem, Severity};
pub use report::report;
