//! What several rooms' tests need.

pub mod smtp;
pub mod stage;
