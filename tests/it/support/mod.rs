//! What several rooms' tests need.

pub mod python;
pub mod smtp;
pub mod stage;
