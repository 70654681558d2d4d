//! A world that is played: the runner, its store and its mail on seeded faults and a clock moved by hand.
//!
//! A *seed* gives a story (what people do on one or two holds) and a fate: how many nodes, how large
//! a batch, when the store fails before or after a commit, who dies or stalls at which await, what
//! the mail server answers. Every call of a node to the store and to the wire is a gate; the world
//! lets one node go on to its next gate at a time, so that a seed replays exactly. Four seeds in a row
//! are one story with four fates: what comes of it when nothing goes wrong is played once for them.
//!
//! [`floor`] is what worlds share, [`story`] and [`direct`] what people do, [`node`] what a process does,
//! [`play`] the scheduler with its [`acts`] and what may [`befall`] it; [`always`], [`leaving`] and [`due`]
//! hold each [`promise`] against every commit, and [`mutants`] are the planted bugs that show that it
//! would be seen. [`seed`] plays one, [`campaign`] many.
//!
//! `WORLD_SEED=7 cargo test --lib world:: -- --nocapture` replays a seed in words;
//! `WORLD_FROM=1 WORLD_SEEDS=1000000 cargo test --release --lib world::tests::seeds -- --nocapture` is a
//! campaign.

mod accepted;
mod acts;
mod always;
mod befall;
mod campaign;
pub(super) mod dice;
mod direct;
mod due;
mod fate;
mod floor;
mod idle;
mod leaving;
mod mutants;
mod node;
mod play;
mod promise;
mod seed;
mod seen;
mod story;
mod tests;
