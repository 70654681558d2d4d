//! What is given out about somebody says what colleagues are to the case, not what they are called.

use std::collections::HashMap;

use super::super::{CaseShown, Desk, DeskError};
use crate::access::Role;
use crate::store::Account;

/// What stands instead of names.
#[derive(Clone, Debug, Default)]
pub(super) struct Mask {
    /// The longest first, so that no name is cut out of another.
    names: Vec<(String, String)>,
}

impl Desk {
    /// Everybody who works here but for the one it is about.
    pub(super) async fn mask(&self, person: i64) -> Result<Mask, DeskError> {
        let store = self.runner().store();
        let accounts: HashMap<i64, Account> = (store.accounts().await?.into_iter())
            .map(|account| (account.person_id, account))
            .collect();
        let mut names: Vec<(String, String)> = Vec::new();
        for other in store.staff().await? {
            if other.id == person || other.name.is_empty() {
                continue;
            }
            let role = accounts
                .get(&other.id)
                .and_then(|account| account.role.parse::<Role>().ok());
            let title = role.map_or("medarbejder", Role::title).to_lowercase();
            names.push((other.name.clone(), format!("[{title}]")));
            names.extend(
                other
                    .email
                    .map(|email| (email, format!("[{title}s adresse]"))),
            );
        }
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.chars().count()));
        Ok(Mask { names })
    }
}

impl Mask {
    pub(super) fn text(&self, text: &mut String) {
        for (name, instead) in &self.names {
            if text.contains(name.as_str()) {
                *text = text.replace(name.as_str(), instead);
            }
        }
    }

    /// All that a story says of who did what. What people have written themselves stays as it is.
    pub(super) fn case(&self, case: &mut CaseShown) {
        for one in &mut case.past {
            self.text(&mut one.what);
            self.text(&mut one.by);
        }
        case.facts
            .iter_mut()
            .for_each(|fact| self.text(&mut fact.by));
        for (_, names) in &mut case.people {
            for name in names {
                self.text(name);
            }
        }
        for note in &mut case.notes {
            self.text(&mut note.by);
            note.struck.iter_mut().for_each(|(_, by)| self.text(by));
        }
        for document in &mut case.documents {
            self.text(&mut document.by);
            document
                .removed
                .iter_mut()
                .for_each(|(_, by)| self.text(by));
        }
        case.mails
            .iter_mut()
            .for_each(|mail| self.text(&mut mail.to));
    }
}
