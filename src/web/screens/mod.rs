//! The screens, each a room with its page, and the table of where they stand.

mod accounts;
mod case;
mod change;
mod fields;
mod hold;
mod holds;
mod import;
mod keys;
mod login;
mod nominate;
mod numbers;
mod outbox;
#[cfg(feature = "oidc")]
mod outside;
mod reads;
mod report;
mod select;
mod today;
mod welcome;
mod workflow;
mod year;

use super::door::Screen;
use crate::access::Role;

/// All of them. A new screen is a room and a line here.
pub(super) fn all() -> impl Iterator<Item = Screen> {
    let rooms: &[&[Screen]] = &[
        &today::SCREENS,
        &holds::SCREENS,
        &hold::SCREENS,
        &select::SCREENS,
        &nominate::SCREENS,
        &case::SCREENS,
        &change::SCREENS,
        &outbox::SCREENS,
        &year::SCREENS,
        &numbers::SCREENS,
        &import::SCREENS,
        &workflow::SCREENS,
        &accounts::SCREENS,
        &reads::SCREENS,
        &keys::SCREENS,
        &login::SCREENS,
        &welcome::SCREENS,
        #[cfg(feature = "oidc")]
        &outside::SCREENS,
    ];
    rooms.iter().copied().flatten().copied()
}

/// Where every screen stands, and which roles may open it; `None` is for whoever comes.
///
/// ```
/// let all: Vec<_> = tovholder::web::addresses().collect();
/// assert!(all.iter().any(|(path, roles)| *path == "/sager/{id}" && roles.is_some()));
/// ```
pub fn addresses() -> impl Iterator<Item = (&'static str, Option<Vec<Role>>)> {
    all().map(|screen| {
        let roles = screen.may.map(|may| {
            let all = Role::ALL.into_iter();
            all.filter(|role| role.may(may)).collect()
        });
        (screen.path, roles)
    })
}
