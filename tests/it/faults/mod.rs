//! Real faults on real processes: the built `serve`, a mail server, a database, and one thing that
//! goes wrong in each file. After it the same is true as after every step of the simulation.
//!
//! | file | what goes wrong |
//! |---|---|
//! | `killed` | `serve` is killed with SIGKILL, again and again |
//! | `stopped` | PostgreSQL is stopped at once, and comes back |
//! | `full` | the disk is full, and has room again |
//! | `mail_server` | the mail server dies in the middle of a mail |
//! | `mail_chance` | a mail server does whatever a mail server may do, at any moment of 5,000 mails |
//! | `jumped` | the machine's clock jumps ahead, and back |
//!
//! `stage` sets up what is played, `service` is the process, `truth` is what must be true after it; the
//! tests of several nodes use them too.
//!
//! What fails for each bug, tried by planting it:
//!
//! | bug | fails |
//! |---|---|
//! | what a dead process had on the wire is queued again | `store::mail::orphans_become_unknown_and_stay_so`, `store::nodes`, `store::outbox` |
//! | a settlement of another attempt is accepted | `store::mail::a_settlement_is_of_its_attempt`, `store::nodes` |
//! | a step is stored though `seq` has moved on | `store::steps`, `store::nodes`, `store::file` |
//! | `LISTEN/NOTIFY` is not heard | `store::nodes::a_word_of_another…`, `who_listens_hears_again…` |
//! | an idle session outlives the lease | `store::nodes::who_stalls_past…` |
//! | a transaction outlives the lease | `store::nodes::who_stalls_inside_a_transaction…` |
//! | what was given up is tried again on a late word | `store::mail::orphans_become_unknown_and_stay_so` |
//! | a failure of the database ends a loop, or the beginning | `stopped` |
//!
//! A fault is at a moment that a seed decides. A failure says the seed; campaigns are longer with
//! `TOVHOLDER_KILLS` and `TOVHOLDER_STOPS`.

mod full;
mod jumped;
mod killed;
mod mail_chance;
mod mail_server;
pub(super) mod service;
pub(super) mod stage;
mod stopped;
pub(super) mod truth;

/// How often something happens in this run: as stated, unless the environment asks for more.
pub(super) fn how_often(variable: &str, usual: u64) -> u64 {
    let asked = std::env::var(variable).ok();
    asked.map_or(usual, |asked| {
        asked
            .parse()
            .unwrap_or_else(|_| panic!("{variable} is a number, not {asked:?}"))
    })
}

/// A small generator of our own, so that a seed is the same everywhere (splitmix64).
pub(super) struct Seed(pub(super) u64);

impl Seed {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}
