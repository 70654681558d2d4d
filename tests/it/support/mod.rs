//! What several rooms' tests need.

pub mod browser;
pub mod bytes;
pub mod node;
pub mod postgres;
pub mod python;
pub mod smtp;
pub mod space;
pub mod stage;
