//! What is given to the store to be written.

mod leaving;
mod people;
mod step;

pub use self::leaving::{
    Cancel, DigestNew, Fence, Freeze, Late, OutboxFilter, Ration, Settle, Settled,
};
pub use self::people::{ImportCount, NewOrganisation, NewPerson, PersonImport, PersonRef};
pub use self::step::{
    CANCELLED, Committed, EventNew, GatherNew, InboxNew, NewSubject, OutboxNew, Outcome, Place,
    TextNew, Write,
};
