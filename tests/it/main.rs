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
mod play;
mod rules;
mod runner;
mod served;
mod simulation;
mod store;
mod support;
mod tidy;
