//! Integration tests: one binary, one module per room.

mod bench;
mod calendar;
mod channel;
mod cli;
mod definition;
mod definition_rename;
mod engine;
mod faults;
mod guides;
mod lsp;
mod message;
mod mutations;
mod nodes;
mod picture;
mod play;
mod rules;
mod runner;
mod scenarios_cli;
mod schema;
mod served;
mod simulation;
mod store;
mod support;
mod tidy;
mod unsubscribe;
mod wanted;
