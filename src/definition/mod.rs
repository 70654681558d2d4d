//! YAML into a checked [`Workflow`](model::Workflow): every problem of a file in one run, each
//! with its place and what to do about it.

pub mod model;
pub mod value;
