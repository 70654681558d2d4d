//! Integration tests: one binary, one module per room.

mod channel;
mod cli;
mod message;
mod play;
mod support;
mod calendar;
mod definition;
mod mutations;
mod store;
mod engine;
mod simulation;
mod tidy;
mod served;
mod killed;
mod runner;
