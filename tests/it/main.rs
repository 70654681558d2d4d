//! Integration tests: one binary, one module per room.

mod calendar;
mod definition;
mod mutations;
