//! What is typed and what comes of it, as a terminal shows it.

use std::fmt::Write as _;

use super::House;

/// A story that grows with each command.
pub(super) struct Told<'h> {
    house: &'h House,
    pub(super) text: String,
}

impl House {
    pub(super) fn told(&self) -> Told<'_> {
        Told {
            house: self,
            text: String::new(),
        }
    }
}

impl Told<'_> {
    /// Runs a command, whatever it comes to, and answers what it printed.
    pub(super) fn tell(&mut self, args: &[&str]) -> String {
        self.tell_as(args, &args.join(" "))
    }

    /// The same, shown as if this had been typed: without what differs from run to run.
    pub(super) fn tell_as(&mut self, args: &[&str], shown: &str) -> String {
        let came = self.house.run(args);
        let _ = writeln!(self.text, "$ tovholder {shown}\n{}{}", came.out, came.err);
        came.out
    }
}
