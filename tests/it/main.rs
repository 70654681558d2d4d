//! Integration tests: one binary, one module per room.

mod calendar;
mod channel;
mod cli;
mod definition;
mod engine;
mod guides;
mod killed;
mod message;
mod mutations;
mod picture;
mod play;
mod runner;
mod scenarios_cli;
mod served;
mod simulation;
mod store;
mod support;
mod tidy;
