//! Links in mails: each signed with the database's secret, for one purpose, and opening a page with one button. To be
//! fetched changes nothing, since scanners fetch what stands in a mail.

pub(super) mod answer;
mod signed;
pub(super) mod unsubscribe;

pub use self::answer::{Answering, Stands};
pub use self::unsubscribe::Subscriber;
