//! The `tovholder` command.
fn main() {}
